using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Evolution;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Merging;

/// <summary>Merges what is new in the lake into the analytics database, one batch of one table at a time.</summary>
/// <param name="lake">Where the change files are.</param>
/// <param name="targetConnection">Connection string of the analytics database.</param>
/// <param name="memoryMegabytes">Memory for ordering the changes of a batch before it spills to disk.</param>
public sealed class MergeJob(LakeReader lake, string targetConnection, int memoryMegabytes = 512)
{
    // One file may be an accident. So many are a fault of the task or the definition, and the table's rows are no longer to be trusted.
    private const int MostRejectedFiles = 10;

    /// <summary>Says what waits for a table, and groups the full-load files that may be merged side by side.</summary>
    /// <param name="table">The table.</param>
    /// <param name="batchBytes">Most bytes of Parquet in a group; one file is always taken.</param>
    /// <exception cref="CdcDmsException">The lake or the analytics database cannot be used for this table.</exception>
    public Task<PlanOutput> PlanAsync(TableDefinition table, long batchBytes, CancellationToken cancellationToken) =>
        WithTargetAsync(
            table,
            async (_, _, ledger) => MergePlan.SideBySide(
                await WaitingFiles.FindAsync(lake, table, ledger, await ReadyAsync(table, ledger, cancellationToken), cancellationToken), batchBytes),
            cancellationToken);

    /// <summary>Applies the table's next batch.</summary>
    /// <param name="table">The table.</param>
    /// <param name="batchBytes">Most bytes of Parquet in the batch; one file is always taken.</param>
    /// <param name="cancellationToken">Ends the batch; nothing of it stays.</param>
    /// <exception cref="CdcDmsException">The batch cannot be applied; nothing of it was.</exception>
    public Task<MergeOutput> RunAsync(TableDefinition table, long batchBytes, CancellationToken cancellationToken) =>
        RunAsync(
            table,
            async (ledger, record) => MergePlan.Next(await WaitingFiles.FindAsync(lake, table, ledger, record, cancellationToken), table, batchBytes),
            cancellationToken);

    /// <summary>Applies a group of files that <see cref="PlanAsync"/> gave.</summary>
    /// <exception cref="CdcDmsException">The group cannot be applied; nothing of it was.</exception>
    public Task<MergeOutput> RunAsync(TableDefinition table, FileGroup group, CancellationToken cancellationToken) =>
        // Of a group that was tried before, some files may be applied: those are left out.
        RunAsync(table, async (ledger, _) => MergePlan.Of(group) with { Files = await ledger.Files.PendingAsync(group.Files, cancellationToken) }, cancellationToken);

    private Task<MergeOutput> RunAsync(TableDefinition table, Func<TableLedger, TableRecord, Task<MergePlan>> next, CancellationToken cancellationToken) =>
        WithTargetAsync(
            table,
            async (connection, target, ledger) =>
            {
                var clock = new PhaseClock();
                var rejected = 0;
                while (true)
                {
                    var plan = await next(ledger, await ReadyAsync(table, ledger, cancellationToken));
                    try
                    {
                        if (await ApplyAsync(table, plan, connection, target, ledger, clock, cancellationToken) is { } output)
                            return output with { FilesRejected = rejected };
                    }
                    catch (RejectedFilesException fault)
                    {
                        foreach (var file in fault.Files)
                            if (await ledger.Files.RejectAsync(file.Object, file.Reason, cancellationToken) > MostRejectedFiles)
                                throw new CdcDmsException(
                                    ErrorKind.Parked, $"{table.Source} cannot be merged: more than {MostRejectedFiles} files are rejected; of the last, {file.Object.Key}, {file.Reason}. Replace or remove them.", fault);
                        rejected += fault.Files.Count;
                    }

                    target = await TargetTable.FindAsync(connection, table, cancellationToken);
                }
            },
            cancellationToken);

    private async Task<MergeOutput?> ApplyAsync(
        TableDefinition table, MergePlan plan, NpgsqlConnection connection, TargetTable target, TableLedger ledger, PhaseClock clock, CancellationToken cancellationToken)
    {
        clock.Listed();
        if (plan is { Files.Count: 0, ManifestRows: null })
        {
            if (plan.Drains is { } listing)
                await ledger.DrainedAsync(listing, cancellationToken);
            return Output(table, plan, new RowCounts());
        }

        using var workspace = new ChangeWorkspace(memoryMegabytes);
        var files = await workspace.FetchAsync(lake, plan.Files, cancellationToken);
        clock.Fetched();
        var groups = workspace.GroupByColumns(files, [.. target.Key.Select(column => column.From), .. plan.Kind.RequiredColumns]);
        var columns = groups.Select(group => new FileColumns(group.ToString(), group.Types));
        var evolution = TargetEvolution.Of(columns, table, target, await ledger.ReadAsync(cancellationToken));
        if (await evolution.ApplyAsync(connection, ledger, table, cancellationToken))
            target = await TargetTable.FindAsync(connection, table, cancellationToken);

        var batch = new MergeBatch(connection, ledger, table, target, workspace, clock, careful: false);
        RowCounts? rows;
        try
        {
            rows = await batch.ApplyAsync(plan, groups, cancellationToken);
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault) && table.BadRows is BadRowPolicy.Quarantine && plan.Kind is not ChangeKind.Generation)
        {
            batch = new MergeBatch(connection, ledger, table, target, workspace, clock, careful: true);
            rows = await batch.ApplyAsync(plan, groups, cancellationToken);
        }

        return rows is null ? null : Output(table, plan, rows) with { LastCommitUtc = batch.LastCommitUtc, Phases = clock.Phases };
    }

    private static async Task<TableRecord> ReadyAsync(TableDefinition table, TableLedger ledger, CancellationToken cancellationToken)
    {
        var record = await ledger.ReadAsync(cancellationToken);
        return record.ParkedCause is not { } cause
            ? record
            : throw new CdcDmsException(ErrorKind.Parked, $"{table.Source} is parked, nothing is merged into {table.Target}: {cause} Then resume it.");
    }

    private Task<T> WithTargetAsync<T>(TableDefinition table, Func<NpgsqlConnection, TargetTable, TableLedger, Task<T>> work, CancellationToken cancellationToken) =>
        Database.WithAnalyticsAsync(
            targetConnection,
            $"{table.Source} was not merged into {table.Target}",
            async connection =>
            {
                // The lake is asked before anything is created, so that a wrong lake changes nothing.
                if (!await CatalogTable.ExistsAsync(connection, table.TargetName, cancellationToken))
                    await lake.ListAsync(lake.Lake.Key(""), null, cancellationToken).AnyAsync(cancellationToken);
                var target = await TargetTable.OpenAsync(connection, table, cancellationToken);
                var ledger = await TableLedger.OpenAsync(connection, target.Name, cancellationToken);
                if (!await CatalogTable.ExistsAsync(connection, ledger.Tombstones, cancellationToken))
                    await CreationLock.ExecuteAsync(connection, MergeSql.CreateTombstones(target, ledger.Tombstones), cancellationToken);
                try
                {
                    return await work(connection, target, ledger);
                }
                catch (CdcDmsException fault) when (fault.Kind is ErrorKind.Parked)
                {
                    await ledger.ParkAsync(fault.Message, cancellationToken);
                    throw;
                }
            },
            cancellationToken);

    private static MergeOutput Output(TableDefinition table, MergePlan plan, RowCounts rows) => new()
    {
        Table = table.Source.ToString(),
        Files = plan.Files.Count,
        Bytes = plan.Files.Sum(file => file.Bytes),
        Rows = rows,
        More = plan.More,
    };
}
