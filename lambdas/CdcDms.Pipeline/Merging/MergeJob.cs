using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Target;
using Npgsql;

namespace CdcDms.Pipeline.Merging;

/// <summary>Merges what is new in the lake into the analytics database, one batch of one table at a time.</summary>
/// <param name="lake">Where the change files are.</param>
/// <param name="targetConnection">Connection string of the analytics database.</param>
/// <param name="memoryMegabytes">Memory for ordering the changes of a batch before it spills to disk.</param>
public sealed class MergeJob(LakeReader lake, string targetConnection, int memoryMegabytes = 512)
{
    /// <summary>Says what waits for a table, and groups the full-load files that may be merged side by side.</summary>
    /// <param name="table">The table.</param>
    /// <param name="batchBytes">Most bytes of Parquet in a group; one file is always taken.</param>
    /// <param name="cancellation">Ends the listing.</param>
    /// <exception cref="CdcDmsException">The lake or the analytics database cannot be used for this table.</exception>
    public Task<PlanOutput> PlanAsync(TableDefinition table, long batchBytes, CancellationToken cancellation) =>
        WithTargetAsync(table, async (_, ledger, _) => MergePlan.SideBySide(await WaitingFiles.FindAsync(lake, table.Source, ledger, cancellation), batchBytes), cancellation);

    /// <summary>Applies the table's next batch.</summary>
    /// <param name="table">The table.</param>
    /// <param name="batchBytes">Most bytes of Parquet in the batch; one file is always taken.</param>
    /// <param name="cancellation">Ends the batch; nothing of it stays.</param>
    /// <exception cref="CdcDmsException">The batch cannot be applied; nothing of it was.</exception>
    public Task<MergeOutput> RunAsync(TableDefinition table, long batchBytes, CancellationToken cancellation) =>
        WithTargetAsync(
            table,
            async (connection, ledger, target) =>
            {
                var clock = new PhaseClock();
                while (true)
                {
                    var plan = MergePlan.Next(await WaitingFiles.FindAsync(lake, table.Source, ledger, cancellation), batchBytes);
                    if (await ApplyAsync(table, plan, connection, ledger, target, clock, cancellation) is { } output)
                        return output;
                }
            },
            cancellation);

    /// <summary>Applies a group of files that <see cref="PlanAsync"/> gave.</summary>
    /// <exception cref="CdcDmsException">The group cannot be applied; nothing of it was.</exception>
    public Task<MergeOutput> RunAsync(TableDefinition table, FileGroup group, CancellationToken cancellation) =>
        WithTargetAsync(
            table,
            async (connection, ledger, target) =>
            {
                // Of a group that was tried before, some files may be applied: those are left out.
                var clock = new PhaseClock();
                var plan = MergePlan.Of(group);
                MergeOutput? output;
                do
                    plan = plan with { Files = await ledger.PendingAsync(plan.Files, cancellation) };
                while ((output = await ApplyAsync(table, plan, connection, ledger, target, clock, cancellation)) is null);
                return output;
            },
            cancellation);

    private async Task<MergeOutput?> ApplyAsync(
        TableDefinition table, MergePlan plan, NpgsqlConnection connection, TableLedger ledger, TargetTable target, PhaseClock clock,
        CancellationToken cancellation)
    {
        clock.Listed();
        if (plan is { Files.Count: 0, ManifestRows: null })
        {
            if (plan.Drains is { } listing)
                await ledger.DrainedAsync(listing, cancellation);
            return Output(table, plan, new RowCounts());
        }

        using var workspace = new ChangeWorkspace(memoryMegabytes);
        var files = await workspace.FetchAsync(lake, plan.Files, cancellation);
        clock.Fetched();
        var batch = new MergeBatch(connection, ledger, table.Source, target, workspace, clock);
        return await batch.ApplyAsync(plan, files, cancellation) is { } rows
            ? Output(table, plan, rows) with { LastCommitUtc = batch.LastCommitUtc, Phases = clock.Phases }
            : null;
    }

    private async Task<T> WithTargetAsync<T>(
        TableDefinition table, Func<NpgsqlConnection, TableLedger, TargetTable, Task<T>> work, CancellationToken cancellation)
    {
        if (table.Deletes != DeleteMode.Hard)
            throw new CdcDmsException(ErrorKind.BadDefinition, $"{table.Source}: soft deletes cannot be merged by this version; set \"deletes\" to \"hard\".");
        try
        {
            await using var connection = await Database.OpenAsync(targetConnection, "analytics", cancellation);
            // The lake is asked before anything is created, so that a wrong lake changes nothing.
            await lake.ListAsync(lake.Lake.Key(""), null, cancellation).AnyAsync(cancellation);
            var target = await TargetTable.OpenAsync(connection, table, cancellation);
            var ledger = await TableLedger.OpenAsync(connection, target.Name, cancellation);
            if (await CatalogTable.FindAsync(connection, ledger.Tombstones, cancellation) is null)
                await CreationLock.ExecuteAsync(connection, MergeSql.CreateTombstones(target, ledger.Tombstones), cancellation);
            return await work(connection, ledger, target);
        }
        catch (NpgsqlException fault)
        {
            throw PostgresFault.Tell(fault, $"{table.Source} was not merged into {table.Target}");
        }
    }

    private static MergeOutput Output(TableDefinition table, MergePlan plan, RowCounts rows) => new()
    {
        Table = table.Source.ToString(),
        Files = plan.Files.Count,
        Bytes = plan.Files.Sum(file => file.Bytes),
        Rows = rows,
        More = plan.More,
    };
}
