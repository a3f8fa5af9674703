using System.Globalization;
using System.Text.Json;
using CdcDms.Aws;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Lifecycle;

/// <summary>
/// Has DMS load one table again, and looks how far the load is: the first call asks, each later one looks once. A load that is under way
/// already is followed. It says nothing of whether the rows are right, which only a proof can tell.
/// </summary>
internal sealed class ReloadFunction(DmsApi dms)
{
    private const int ShortestWaitSeconds = 30;
    private const int LongestWaitSeconds = 600;
    private const int LongestLoadSeconds = 24 * 3600;

    // DMS answers before it begins, and shows the load before for a while.
    private const int LongestBeginningSeconds = 1800;

    public static Handler Handler => async (json, _, cancellationToken) =>
    {
        var input = FunctionInput.Parse(json, ContractJson.Default.ReloadInput, FunctionNames.Reload);
        TableDefinitions.Check([input.Table], $"The input of {FunctionNames.Reload}");
        var function = new ReloadFunction(new DmsApi(AwsApi.FromEnvironment("dms", "AWS_ENDPOINT_URL_DATABASE_MIGRATION_SERVICE")));
        return JsonSerializer.SerializeToUtf8Bytes(
            await function.RunAsync(input, cancellationToken), ContractJson.Default.ReloadOutput);
    };

    /// <summary>Asks or looks.</summary>
    /// <exception cref="CdcDmsException">The table will not be loaded, or DMS did not answer; the sentence names the cure.</exception>
    public async Task<ReloadOutput> RunAsync(ReloadInput input, CancellationToken cancellationToken)
    {
        var (table, replication) = (input.Table.Source, dms.Replication(input.Kind, input.Identifier));
        try
        {
            var state = await RunningAsync(table, replication, cancellationToken);
            // A replication that a deploy has just stopped and starts again knows its tables again soon.
            if (input.Load is { } load)
                return state.Phase is ReplicationPhase.Running
                    ? Look(table, replication, load, (await replication.TablesAsync(cancellationToken)).GetValueOrDefault(table))
                    : Later(table, replication, load, state.Status);
            return await AskAsync(table, replication, state, cancellationToken);
        }
        catch (AwsException busy) when (busy.MayPass && input.Load is { } load)
        {
            return Later(table, replication, load, busy.Message);
        }
        catch (AwsException refused)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable, $"{table} was not loaded again, since AWS refused what that needs, {refused.Message}", refused);
        }
    }

    private static async Task<ReplicationState> RunningAsync(
        TableName table, IReplication replication, CancellationToken cancellationToken)
    {
        var state = await replication.FindAsync(cancellationToken);
        if (state is null or { Phase: ReplicationPhase.Deleting })
            throw NotLoaded(ErrorKind.BadDefinition, $"the {replication.Name} does not exist. Deploy the environment");
        if (!state.LoadsRows)
            throw NotLoaded(
                ErrorKind.BadDefinition,
                $"the {replication.Name} reads changes only and loads no rows. Prove the table with repair instead");
        return state.Phase is not ReplicationPhase.Resting ? state : throw NotLoaded(
            ErrorKind.Unavailable,
            $"the {replication.Name} is '{state.Status}', and DMS loads tables only while it runs. {Sentence(state.Cause)}Resume it, and "
            + "start the reload again");

        CdcDmsException NotLoaded(ErrorKind kind, string because) => new(kind, $"{table} was not loaded again: {because}.");
    }

    private static async Task<ReloadOutput> AskAsync(
        TableName table, IReplication replication, ReplicationState state, CancellationToken cancellationToken)
    {
        var tables = await replication.TablesAsync(cancellationToken);
        // What it captures is known only once it has read the tables' definitions.
        if (state.Phase is not ReplicationPhase.Running || tables.Count == 0)
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"{table} was not loaded again: the {replication.Name} is '{state.Status}' and does not tell its tables yet. Start the "
                + "reload again when it does.");
        var before = tables.GetValueOrDefault(table)
            ?? throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{table} was not loaded again: the {replication.Name} does not capture it. Correct the name, or add the table to the "
                + "environment file and deploy.");
        if (!before.IsLoading())
            await replication.ReloadAsync([table], cancellationToken);
        return new ReloadOutput
        {
            Loaded = false,
            WaitSeconds = ShortestWaitSeconds,
            WaitedSeconds = ShortestWaitSeconds,
            Before = before,
        };
    }

    private static ReloadOutput Look(TableName table, IReplication replication, ReloadOutput load, TableLoad? now)
    {
        if (now is null)
            return Later(table, replication, load, "unknown");
        var begun = now.IsLoading() || now.State != load.Before.State || now.IsOtherThan(load.Before);
        if (now.HasEnded() && now.IsOtherThan(load.Before))
            return now.ErrorRows == 0 ? load with { Loaded = true } : throw Failed(string.Create(
                CultureInfo.InvariantCulture, $"{now.ErrorRows} of its rows could not be written"));
        if (!begun && load.WaitedSeconds < LongestBeginningSeconds)
            return Later(table, replication, load, now.State);
        if (now.IsMissing())
            throw Failed("the source has no such table");
        return now.HasFailed() ? throw Failed($"its state is '{now.State}'")
            : begun ? Later(table, replication, load, now.State)
            : throw Failed("the load did not begin within half an hour");

        CdcDmsException Failed(string because) => new(
            ErrorKind.BadData,
            $"DMS did not load {table} again: {because}. The log of the {replication.Name} has the cause: cure it, and start the reload "
            + "again.");
    }

    // A quarter longer each time: a small table is seen soon, and a load of a day is looked at some 160 times.
    private static ReloadOutput Later(TableName table, IReplication replication, ReloadOutput load, string state)
    {
        if (load.WaitedSeconds >= LongestLoadSeconds)
            throw new CdcDmsException(
                ErrorKind.OutOfTime,
                $"The load of {table} has not ended within a day; at the end its state was '{state}'. Look at the log of the "
                + $"{replication.Name}. Start the reload again to wait for a load that is under way.");
        var wait = Math.Clamp(load.WaitedSeconds / 4, ShortestWaitSeconds, LongestWaitSeconds);
        return load with { WaitSeconds = wait, WaitedSeconds = load.WaitedSeconds + wait };
    }

    private static string Sentence(string? cause) => cause is { Length: > 0 } ? $"DMS says: {cause.TrimEnd('.')}. " : "";
}
