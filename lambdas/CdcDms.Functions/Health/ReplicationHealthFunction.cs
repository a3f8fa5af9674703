using System.Text.Json;
using CdcDms.Aws;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Functions.Lifecycle;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Health;

/// <summary>
/// Asks DMS how the replication is, table by table: a table that DMS has suspended is told by no event and by no metric of DMS, and the
/// replication runs on without it.
/// </summary>
internal sealed class ReplicationHealthFunction(DmsApi dms)
{
    private const int MostNamed = 100;
    private const string Missing = "missing";
    private const string NotCaptured = "not captured";

    public static Handler Handler => async (json, invocation, cancellationToken) =>
    {
        var input = FunctionInput.Parse(json, ContractJson.Default.ReplicationHealthInput, FunctionNames.ReplicationHealth);
        var function = new ReplicationHealthFunction(
            new DmsApi(AwsApi.FromEnvironment("dms", "AWS_ENDPOINT_URL_DATABASE_MIGRATION_SERVICE")));
        var (health, tables) = await function.RunAsync(input, cancellationToken);
        foreach (var line in HealthLines.Of(health, tables, invocation))
            Console.WriteLine(line);
        return JsonSerializer.SerializeToUtf8Bytes(
            new AskedReplication { Health = health }, ContractJson.Default.AskedReplication);
    };

    /// <summary>Asks once.</summary>
    /// <returns>How the replication is, and what DMS tells of each of its tables.</returns>
    /// <exception cref="CdcDmsException">DMS refuses, or does not answer.</exception>
    public async Task<(ReplicationHealth Health, IReadOnlyList<DmsTable> Tables)> RunAsync(
        ReplicationHealthInput input, CancellationToken cancellationToken)
    {
        var replication = dms.Replication(input.Kind, input.Identifier);
        try
        {
            if (await replication.FindAsync(cancellationToken) is not { } state)
                return (Of(input, replication, status: Missing, runs: false, cause: null, [], engine: null), []);
            var tables = await replication.StatisticsAsync(cancellationToken);
            var health = Of(
                input,
                replication,
                state.Status,
                state.Phase is not (ReplicationPhase.Resting or ReplicationPhase.Deleting),
                state.Phase is ReplicationPhase.Resting ? state.Cause : null,
                tables,
                await EngineAsync(replication, cancellationToken));
            return (health, tables);
        }
        catch (AwsException refused)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The {replication.Name} could not be looked at, since AWS refused what that needs, {refused.Message}. Look at the "
                + $"permissions of the function {FunctionNames.ReplicationHealth}; the next look tries again.",
                refused);
        }
    }

    // When its version ends can be asked another time; the states of tables cannot.
    private static async Task<DmsEngineVersion?> EngineAsync(IReplication replication, CancellationToken cancellationToken)
    {
        try
        {
            return await replication.EngineAsync(cancellationToken);
        }
        catch (AwsException refused)
        {
            Console.WriteLine($"The engine's version of the {replication.Name} is not known: {refused.Message}");
            return null;
        }
    }

    private static ReplicationHealth Of(
        ReplicationHealthInput input,
        IReplication replication,
        string status,
        bool runs,
        string? cause,
        IReadOnlyList<DmsTable> tables,
        DmsEngineVersion? engine)
    {
        var stranded = Stranded(input.Tables, tables).OrderBy(table => table.Table, StringComparer.Ordinal).ToList();
        return new ReplicationHealth
        {
            Name = replication.Name,
            Status = status,
            Runs = runs,
            Cause = cause,
            Tables = tables.Count,
            Loading = tables.Count(TableLoads.IsLoading),
            NotReplicating = [.. stranded.Take(MostNamed)],
            TablesNotReplicating = stranded.Count,
            Changes = new ReplicatedChanges(
                tables.Sum(table => table.Inserts), tables.Sum(table => table.Updates), tables.Sum(table => table.Deletes),
                tables.Sum(table => table.Ddls)),
            EngineVersion = engine?.Version,
            EngineEndUtc = Earliest(engine?.AutoUpgradeDate, engine?.DeprecationDate, engine?.ForceUpgradeDate),
        };
    }

    // Before it has read the tables' definitions, a replication knows none. Files of feeds come from elsewhere.
    private static IEnumerable<StrandedTable> Stranded(IReadOnlyList<TableDefinition> defined, IReadOnlyList<DmsTable> tables)
    {
        if (tables.Count == 0)
            return [];
        var states = tables.GroupBy(TableLoads.Name).ToDictionary(pages => pages.Key, pages => pages.Last());
        var unknown = defined.Where(table => table.Feed is null && !states.ContainsKey(table.Source));
        return states.Where(table => table.Value.IsStranded())
            .Select(table => new StrandedTable(table.Key.ToString(), table.Value.TableState ?? "unknown"))
            .Concat(unknown.Select(table => new StrandedTable(table.Source.ToString(), NotCaptured)));
    }

    private static DateTime? Earliest(params IEnumerable<DateTime?> dates) => dates.Min();
}
