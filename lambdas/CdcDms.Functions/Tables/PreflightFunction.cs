using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Preflight;

namespace CdcDms.Functions.Tables;

/// <summary>Looks, before DMS first starts, for what in the two databases would stop the pipeline or lose something.</summary>
internal static class PreflightFunction
{
    private const int MostOfOneKind = 100;

    // A state holds 256 KiB (AWS: Step Functions quotas), and the three kinds are one answer.
    private const int MostBytesOfOneKind = 75 * 1024;
    private const int MostLetters = 1000;

    public static Handler Handler => async (json, invocation, cancellationToken) =>
    {
        var input = FunctionInput.Parse(json, ContractJson.Default.PreflightInput, FunctionNames.Preflight);
        var output = await DatabaseWork.RunAsync(
            invocation,
            FunctionNames.Preflight,
            "look for sessions that hold locks on the tables, and for a server that does not answer",
            connections => RunAsync(input, connections, cancellationToken),
            cancellationToken);
        return JsonSerializer.SerializeToUtf8Bytes(output, ContractJson.Default.PreflightOutput);
    };

    private static async Task<PreflightOutput> RunAsync(
        PreflightInput input, Connections connections, CancellationToken cancellationToken)
    {
        var source = CheckedDatabases.Own(await connections.SourceAsync(cancellationToken));
        var (target, away) = await ReachedAsync(
            "analytics", "analytics-away", "The analytics database was not checked",
            async () => await connections.TargetAsync(cancellationToken), cancellationToken);
        var (reader, readerAway) = await ReachedAsync(
            "source", "reader-away", "The connection by which rows are read for proofs was not checked",
            () => connections.ReadSourceAsync(cancellationToken), cancellationToken);
        var report = await new PreflightJob(source, target, CheckedDatabases.Settings(input), reader)
            .RunAsync(TableDefinitions.Judge(input.Tables, $"The input of {FunctionNames.Preflight}"), cancellationToken);
        var wanted = report.Findings
            .Where(finding => input.Only.Count == 0 || (finding.Table is { } table && input.Only.Contains(table)))
            .ToLookup(
                finding => finding.Severity,
                finding => new PreflightFinding(finding.Check, finding.Reason.Cut(MostLetters), finding.ByHand?.Cut(MostLetters)));
        return new PreflightOutput
        {
            Blocks = First(wanted[FindingSeverity.Blocks]),
            Loses = First(wanted[FindingSeverity.Loses]),
            Warns = First([.. away, .. readerAway, .. wanted[FindingSeverity.Warns]]),
        };
    }

    /// <summary>
    /// As many as an answer holds, and of every check one before a second of any: a loss that an environment accepts, once for each of its
    /// tables, must not hide one that it does not.
    /// </summary>
    private static List<PreflightFinding> First(IEnumerable<PreflightFinding> findings)
    {
        var left = MostBytesOfOneKind;
        return
        [
            .. findings.GroupBy(finding => finding.Check).SelectMany(check => check.Index()).OrderBy(finding => finding.Index)
                .Select(finding => finding.Item).Take(MostOfOneKind)
                .TakeWhile(finding => (left -= Bytes(finding)) >= 0),
        ];
    }

    private static int Bytes(PreflightFinding finding) =>
        JsonSerializer.SerializeToUtf8Bytes(finding, ContractJson.Default.PreflightFinding).Length;

    // Only batches need the analytics database, and proofs the other reader; they say themselves when they cannot reach it.
    private static async Task<(string? Connection, IReadOnlyList<PreflightFinding> Away)> ReachedAsync(
        string database, string check, string notChecked, Func<Task<string?>> findAsync, CancellationToken cancellationToken)
    {
        try
        {
            if (await findAsync() is not { } found)
                return (null, []);
            var connection = CheckedDatabases.Own(found);
            await using var opened = await Database.OpenAsync(connection, database, cancellationToken);
            return (connection, []);
        }
        catch (CdcDmsException fault)
        {
            return (null, [new PreflightFinding(check, $"{notChecked}: {fault.Message}".Cut(MostLetters))]);
        }
    }

}
