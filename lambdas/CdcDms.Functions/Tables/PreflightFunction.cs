using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Preflight;
using Npgsql;

namespace CdcDms.Functions.Tables;

/// <summary>Looks, before DMS first starts, for what in the two databases would stop the pipeline or lose something.</summary>
internal static class PreflightFunction
{
    private const int MostOfOneKind = 100;

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
        var source = Own(await connections.SourceAsync(cancellationToken));
        var (target, away) = await TargetAsync(connections, cancellationToken);
        var report = await new PreflightJob(source, target, Settings(input))
            .RunAsync(TableDefinitions.Judge(input.Tables, $"The input of {FunctionNames.Preflight}"), cancellationToken);
        var wanted = report.Findings
            .Where(finding => input.Only.Count == 0 || (finding.Table is { } table && input.Only.Contains(table)))
            .ToLookup(finding => finding.Severity, finding => new PreflightFinding(finding.Check, finding.Reason, finding.ByHand));
        return new PreflightOutput
        {
            Blocks = [.. wanted[FindingSeverity.Blocks].Take(MostOfOneKind)],
            Loses = [.. wanted[FindingSeverity.Loses].Take(MostOfOneKind)],
            Warns = [.. (away is null ? [] : new[] { away }).Concat(wanted[FindingSeverity.Warns]).Take(MostOfOneKind)],
        };
    }

    // Only batches need the analytics database, and they say themselves when they cannot reach it.
    private static async Task<(string? Connection, PreflightFinding? Away)> TargetAsync(
        Connections connections, CancellationToken cancellationToken)
    {
        try
        {
            var target = Own(await connections.TargetAsync(cancellationToken));
            await using var opened = await Database.OpenAsync(target, "analytics", cancellationToken);
            return (target, null);
        }
        catch (CdcDmsException fault)
        {
            return (null, new PreflightFinding("analytics-away", $"The analytics database was not checked: {fault.Message}"));
        }
    }

    // The checks ask which timeouts the roles have; those that a function gives to its sessions would be taken for them.
    private static string Own(string connection) => new NpgsqlConnectionStringBuilder(connection) { Options = "" }.ConnectionString;

    private static PreflightSettings Settings(PreflightInput input) => new()
    {
        LobKilobytes = input.LobKilobytes,
        HeartbeatSchema = input.HeartbeatSchema,
        CaptureDdl = input.CaptureDdl,
        Slot = input.Slot,
        EngineVersion = input.EngineVersion is { } version ? Version.Parse(version) : null,
    };
}
