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
    /// <summary>Applies the table's next batch.</summary>
    /// <param name="table">The table.</param>
    /// <param name="batchBytes">Most bytes of Parquet in the batch; one file is always taken.</param>
    /// <param name="cancellation">Ends the batch; nothing of it stays.</param>
    /// <exception cref="CdcDmsException">The batch cannot be applied; nothing of it was.</exception>
    public async Task<MergeOutput> RunAsync(TableDefinition table, long batchBytes, CancellationToken cancellation)
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
            while (true)
            {
                var plan = await MergePlan.MakeAsync(lake, table.Source, ledger, batchBytes, cancellation);
                if (plan.Files.Count == 0 && plan.Kind is not ChangeKind.Generation)
                {
                    await ledger.DrainedAsync(plan.ListedUtc, plan.Whole, cancellation);
                    return Output(table, plan, new RowCounts());
                }

                using var workspace = new ChangeWorkspace(memoryMegabytes);
                var files = await workspace.FetchAsync(lake, plan.Files, cancellation);
                var batch = new MergeBatch(connection, ledger, table.Source, target, workspace);
                if (await batch.ApplyAsync(plan, files, cancellation) is { } rows)
                    return Output(table, plan, rows) with { LastCommitUtc = batch.LastCommitUtc };
            }
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
