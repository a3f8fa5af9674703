using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.Services;

namespace CdcDms.Local.Workflow;

/// <summary>One execution in a Node process (<c>run.mjs</c>), which ends when its stdin does.</summary>
internal static partial class WorkflowProcess
{
    /// <summary>Runs the job to its end.</summary>
    /// <exception cref="CdcDmsException">Node is missing, or the interpreter broke.</exception>
    public static async Task<WorkflowResult> RunAsync(JsonObject job, Action<WorkflowEvent> hear, CancellationToken cancellationToken)
    {
        using var node = NodeProcess.Start("The workflow needs", "Workflow/run.mjs");
        await using var ended = cancellationToken.Register(node.StandardInput.Close);
        var complaints = node.StandardError.ReadToEndAsync(CancellationToken.None);
        await node.StandardInput.WriteLineAsync(job.ToJsonString());
        await node.StandardInput.FlushAsync(cancellationToken);
        WorkflowResult? result = null;
        while (await node.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
            if (Read(JsonNode.Parse(line)!.AsObject()) is { } read)
                if (read is WorkflowResult end)
                    result = end;
                else
                    hear((WorkflowEvent)read);
        await node.WaitForExitAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return result ?? throw Broken(await complaints);
    }

    /// <summary>The interpreter ended without a result: its error in one sentence; all that it wrote is the inner exception.</summary>
    internal static CdcDmsException Broken(string complaints)
    {
        var error = ErrorLine().Match(complaints).Groups["error"].Value.Trim().TrimEnd('.');
        var cure = complaints.Contains("ERR_MODULE_NOT_FOUND", StringComparison.Ordinal) ? "run npm ci in the repository"
            : "--verbose shows all that it wrote";
        return new CdcDmsException(
            ErrorKind.Unavailable,
            $"The workflow's interpreter ended without a result{(error.Length == 0 ? "" : $": {error}")}; {cure}.",
            new InvalidDataException(complaints.Trim()));
    }

    // Node's form of an error that nobody catches: its class, sometimes a code in brackets, and its message, before the stack.
    [GeneratedRegex(@"^\w*Error(?: \[\w+\])?: (?<error>.+)$", RegexOptions.Multiline)]
    private static partial Regex ErrorLine();

    private static object? Read(JsonObject line) => line.Single() switch
    {
        ("entered", { } at) => new StateEntered(Text(at, "machine"), Table(at), Text(at, "state")),
        ("left", { } at) => new StateLeft(Text(at, "machine"), Table(at), Text(at, "state")),
        ("over", { } at) => new TableOver(Text(at, "machine"), Text(at, "table")),
        ("retried", { } at) => new TaskRetried(Text(at, "machine"), Table(at), Text(at, "state"), at["attempt"]!.GetValue<int>()),
        ("erred", { } at) => new TaskErred(
            Text(at, "machine"), Table(at), Text(at, "state"), Text(at, "error"), at["cause"]?.ToString() ?? ""),
        ("answered", { } at) => at["function"]!.GetValue<string>() switch
        {
            FunctionNames.Merge => new BatchMerged(Text(at, "table"), at["answer"].Deserialize(ContractJson.Default.MergeOutput)!),
            FunctionNames.Prove => new ProofAsked(at["answer"].Deserialize(ContractJson.Default.ProveOutput)!),
            _ => null,
        },
        ("reduced", { } at) => new ChangesReduced(Text(at, "table"), at["read"]!.GetValue<long>(), at["left"]!.GetValue<long>()),
        ("told", { } message) => new PeopleTold(Text(message, "subject"), Text(message, "message")),
        ("succeeded", JsonArray tables) => new WorkflowSucceeded(
            [.. tables.Select(table => table!["report"].Deserialize(WorkflowJson.Default.TableReport)!)]),
        ("succeeded", JsonObject report) => new PipelineLookedAt(report.Deserialize(ContractJson.Default.HealthReport)!),
        ("failed", { } fault) => new WorkflowFailed(Text(fault, "error"), Text(fault, "cause")),
        var (name, _) => throw new InvalidDataException($"The workflow's interpreter said '{name}', which is unknown."),
    };

    private static string? Table(JsonNode at) => at["table"]?.GetValue<string>();

    private static string Text(JsonNode node, string property) => node[property]!.GetValue<string>();
}
