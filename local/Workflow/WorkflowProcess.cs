using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.Services;

namespace CdcDms.Local.Workflow;

/// <summary>
/// A Node process (<c>run.mjs</c>), which runs one execution after the other and ends when its stdin does. To start one takes longer than
/// most executions, so one whose execution has succeeded is kept for the next of this program.
/// </summary>
internal sealed partial class WorkflowProcess
{
    private static readonly ConcurrentBag<WorkflowProcess> Idle = [];

    private readonly Process _node = NodeProcess.Start("The workflow needs", "Workflow/run.mjs");
    private readonly Task<string> _complaints;
    private bool _isAtRest;

    private WorkflowProcess() => _complaints = _node.StandardError.ReadToEndAsync(CancellationToken.None);

    /// <summary>Runs the job to its end.</summary>
    /// <exception cref="CdcDmsException">Node is missing, or the interpreter broke.</exception>
    public static async Task<WorkflowResult> RunAsync(JsonObject job, Action<WorkflowEvent> hear, CancellationToken cancellationToken)
    {
        var last = await RunAsync(
            job,
            (JsonObject line) =>
            {
                if (Read(line) is { } happened)
                    hear((WorkflowEvent)happened);
            },
            cancellationToken);
        return (WorkflowResult)Read(last)!;
    }

    /// <summary>Runs the job to its end, whatever its machines give.</summary>
    /// <param name="hear">Takes each line of the interpreter but the last.</param>
    /// <returns>The last line: <c>succeeded</c> or <c>failed</c>.</returns>
    /// <exception cref="CdcDmsException">Node is missing, or the interpreter broke.</exception>
    internal static async Task<JsonObject> RunAsync(JsonObject job, Action<JsonObject> hear, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var process = Take();
        var isKept = false;
        try
        {
            JsonObject? last;
            await using (cancellationToken.Register(process._node.StandardInput.BaseStream.Close))
                last = await process.ExecuteAsync(job, hear);
            cancellationToken.ThrowIfCancellationRequested();
            if (last is null)
                throw Broken(await process._complaints);
            isKept = process._isAtRest;
            return last;
        }
        finally
        {
            if (isKept)
                Idle.Add(process);
            else
                await process.EndAsync();
        }
    }

    private static WorkflowProcess Take()
    {
        while (Idle.TryTake(out var idle))
        {
            if (!idle._node.HasExited)
                return idle;
            idle._node.Dispose();
        }

        return new WorkflowProcess();
    }

    /// <returns>Null when the process ended before the execution did.</returns>
    private async Task<JsonObject?> ExecuteAsync(JsonObject job, Action<JsonObject> hear)
    {
        try
        {
            await _node.StandardInput.WriteLineAsync(job.ToJsonString());
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException)
        {
            // It ends, or was told to: what it said last tells why.
        }

        // Beside a state that failed others may still run.
        var goesOn = false;
        while (await _node.StandardOutput.ReadLineAsync(CancellationToken.None) is { } text)
        {
            var line = JsonNode.Parse(text)!.AsObject();
            _isAtRest = !goesOn && line.ContainsKey("succeeded");
            if (line.ContainsKey("succeeded") || line.ContainsKey("failed"))
                return line;
            if (line.ContainsKey("unanswered"))
                goesOn = true;
            else
                hear(line);
        }

        return null;
    }

    private async Task EndAsync()
    {
        _node.Kill();
        await _node.WaitForExitAsync(CancellationToken.None);
        _node.Dispose();
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
