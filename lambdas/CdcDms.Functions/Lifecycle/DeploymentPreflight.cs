using System.Globalization;
using System.Text;
using System.Text.Json;
using CdcDms.Aws;
using CdcDms.Contract;
using CdcDms.Contract.Functions;

namespace CdcDms.Functions.Lifecycle;

/// <summary>
/// Has the databases looked at before DMS first starts, and refuses a deployment that would capture something which stops or is lost. The
/// look is an execution of a state machine: its function is inside the VPC, where DMS's API cannot be reached.
/// </summary>
/// <param name="executions">Step Functions.</param>
/// <param name="patience">How long to wait for the execution.</param>
internal sealed class DeploymentPreflight(Executions executions, Patience patience)
{
    // CloudFormation shows the beginning of a longer reason only.
    private const int MostLetters = 900;

    /// <summary>Looks.</summary>
    /// <param name="stateMachineArn">The state machine.</param>
    /// <param name="only">The tables of which alone findings count, each as <c>schema.name</c>; none for all findings.</param>
    /// <param name="accepted">Checks whose losses the environment accepts.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CdcDmsException">The databases are not as the pipeline needs them, or could not be looked at.</exception>
    public async Task RunAsync(
        string stateMachineArn, IReadOnlyList<string> only, IReadOnlyList<string> accepted, CancellationToken cancellationToken)
    {
        var found = await FindAsync(stateMachineArn, only, cancellationToken);
        var lost = found.Loses.ToLookup(finding => accepted.Contains(finding.Check));
        foreach (var (word, findings) in new[] { ("accepted", lost[true]), ("warning", found.Warns) })
            foreach (var finding in findings)
                Console.WriteLine($"preflight, {word}: {finding.Check}: {Sentence(finding)}");
        List<PreflightFinding> refused = [.. found.Blocks, .. lost[false]];
        if (refused.Count > 0)
            throw new CdcDmsException(ErrorKind.BadDefinition, Reason(refused, stateMachineArn.Split(':')[^1]));
    }

    private async Task<PreflightOutput> FindAsync(string stateMachineArn, IReadOnlyList<string> only, CancellationToken cancellationToken)
    {
        var input = new StringBuilder("{\"only\":[").AppendJoin(',', only.Select(Json)).Append("]}").ToString();
        string? execution = null;
        Execution? state = null;
        await patience.UntilAsync(
            () => $"Preflight did not end in time ({execution ?? stateMachineArn}): look at its execution, and deploy again.",
            async () =>
            {
                execution ??= await executions.StartAsync(stateMachineArn, input, cancellationToken);
                state = await executions.FindAsync(execution, cancellationToken);
                return state is { Status: not "RUNNING" };
            },
            cancellationToken);
        return state is { Status: "SUCCEEDED", Output: { } output }
            ? JsonSerializer.Deserialize(output, ContractJson.Default.PreflightOutput)!
            : throw new CdcDmsException(
                ErrorKind.Unavailable, $"The databases could not be looked at before DMS starts: {Cause(state!)} Nothing was started.");
    }

    // A function's failure comes as JSON with a sentence in it.
    private static string Cause(Execution state)
    {
        try
        {
            using var cause = JsonDocument.Parse(state.Cause ?? "");
            return cause.RootElement.GetProperty("errorMessage").GetString()!;
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"{state.Error ?? state.Status}: {state.Cause ?? "the execution says no more"}.";
        }
    }

    private static string Reason(List<PreflightFinding> refused, string stateMachine)
    {
        var text = new StringBuilder("The databases are not ready, so nothing was started or changed:");
        var rest = string.Create(
            CultureInfo.InvariantCulture,
            $" All {refused.Count} are in the output of the last execution of {stateMachine}; preflight --fix-sql prints the cures.");
        var told = 0;
        foreach (var finding in refused)
        {
            var one = string.Create(CultureInfo.InvariantCulture, $" ({told + 1}) {finding.Check}: {Sentence(finding)}");
            if (told > 0 && text.Length + one.Length + rest.Length > MostLetters)
                break;
            text.Append(one);
            told++;
        }

        return text.Append(rest).ToString();
    }

    private static string Sentence(PreflightFinding finding) =>
        finding.ByHand is null ? finding.Reason : $"{finding.Reason} {finding.ByHand}";

    private static string Json(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
