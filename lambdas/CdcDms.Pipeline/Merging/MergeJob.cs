using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Evolution;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Postgres;
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
    public async Task<PlanOutput> PlanAsync(TableDefinition table, long batchBytes, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await OpenAsync(table, cancellationToken);
            return MergePlan.SideBySide(await ListAsync(session, cancellationToken), batchBytes);
        }
        catch (NpgsqlException fault)
        {
            throw NotMerged(table, fault);
        }
    }

    /// <summary>Applies the table's next batch.</summary>
    /// <param name="table">The table.</param>
    /// <param name="batchBytes">Most bytes of Parquet in the batch; one file is always taken.</param>
    /// <param name="cancellationToken">Ends the batch; nothing of it stays.</param>
    /// <exception cref="CdcDmsException">The batch cannot be applied; nothing of it was.</exception>
    public Task<MergeOutput> RunAsync(TableDefinition table, long batchBytes, CancellationToken cancellationToken) =>
        RunAsync(table, new BatchChoice.Next(batchBytes), cancellationToken);

    /// <summary>Applies a group of files that <see cref="PlanAsync"/> gave.</summary>
    /// <exception cref="CdcDmsException">The group cannot be applied; nothing of it was.</exception>
    public Task<MergeOutput> RunAsync(TableDefinition table, FileGroup group, CancellationToken cancellationToken) =>
        RunAsync(table, new BatchChoice.Planned(group), cancellationToken);

    private async Task<MergeOutput> RunAsync(TableDefinition table, BatchChoice choice, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await OpenAsync(table, cancellationToken);
            return await MergeOrParkAsync(session, choice, cancellationToken);
        }
        catch (NpgsqlException fault)
        {
            throw NotMerged(table, fault);
        }
    }

    private async Task<MergeOutput> MergeOrParkAsync(TargetSession session, BatchChoice choice, CancellationToken cancellationToken)
    {
        try
        {
            return await MergeAsync(session, choice, cancellationToken);
        }
        catch (CdcDmsException fault) when (fault.Kind is ErrorKind.Parked)
        {
            await session.Ledger.ParkAsync(fault.Message, cancellationToken);
            throw;
        }
    }

    /// <summary>
    /// Chooses and applies a batch, again until one is applied: files that cannot be read are noted and left out, and where another merge
    /// was faster the choice is made anew.
    /// </summary>
    private async Task<MergeOutput> MergeAsync(TargetSession session, BatchChoice choice, CancellationToken cancellationToken)
    {
        var clock = new PhaseClock();
        var rejected = 0;
        while (true)
        {
            var plan = await ChooseAsync(session, choice, clock, cancellationToken);
            try
            {
                if (await ApplyAsync(session, plan, clock, cancellationToken) is { } output)
                    return output with { FilesRejected = rejected };
            }
            catch (RejectedFilesException fault)
            {
                await RejectAsync(session, fault, cancellationToken);
                rejected += fault.Files.Count;
            }

            await session.RefreshAsync(cancellationToken);
        }
    }

    private async Task<MergePlan> ChooseAsync(TargetSession session, BatchChoice choice, PhaseClock clock, CancellationToken cancellationToken)
    {
        using var phase = clock.Begin(MergePhase.List);
        switch (choice)
        {
            case BatchChoice.Planned { Group: var group }:
                await session.RecordUnlessParkedAsync(cancellationToken);
                // Of a group that was tried before, some files may be applied: those are left out.
                return MergePlan.Of(group) with { Files = await session.Ledger.Files.PendingAsync(group.Files, cancellationToken) };
            case BatchChoice.Next { MostBytes: var batchBytes }:
                return MergePlan.Next(await ListAsync(session, cancellationToken), session.Table, batchBytes);
            default:
                throw new InvalidOperationException($"{choice} is no choice of files.");
        }
    }

    /// <returns>Null when another merge was faster, and nothing was done.</returns>
    private async Task<MergeOutput?> ApplyAsync(TargetSession session, MergePlan plan, PhaseClock clock, CancellationToken cancellationToken)
    {
        if (plan.IsEmpty)
        {
            if (plan.Drains is { } listing)
                await session.Ledger.DrainedAsync(listing, cancellationToken);
            return Output(session, plan, new RowCounts());
        }

        using var workspace = new ChangeWorkspace(memoryMegabytes);
        IReadOnlyList<FetchedFile> files;
        using (clock.Begin(MergePhase.Fetch))
            files = await workspace.FetchAsync(lake, plan.Files, cancellationToken);

        IReadOnlyList<ShapedFiles> groups;
        using (clock.Begin(MergePhase.Check))
            groups = workspace.GroupByColumns(files, [.. session.Target.Key.Select(column => column.From), .. plan.Kind.RequiredColumns]);

        using (clock.Begin(MergePhase.Evolve))
            await EvolveAsync(session, groups, cancellationToken);

        var applied = await RunBatchAsync(new MergeBatch(session, workspace, clock), plan, groups, cancellationToken);
        return applied is null
            ? null
            : Output(session, plan, applied.Rows) with { LastCommitUtc = applied.LastCommitUtc, Phases = clock.Phases };
    }

    private static async Task EvolveAsync(TargetSession session, IReadOnlyList<ShapedFiles> groups, CancellationToken cancellationToken)
    {
        // The record is read anew, since another merge may have met new columns while these files were fetched.
        var record = await session.Ledger.ReadAsync(cancellationToken);
        var columns = groups.Select(group => new FileColumns(group.ToString(), group.Types));
        var evolution = ColumnComparison.Of(columns, session.Table, session.Target, record);
        if (await evolution.ApplyAsync(session, cancellationToken))
            await session.RefreshAsync(cancellationToken);
    }

    /// <summary>Applies a batch; if the target refuses a value, once more with a search for the changes that are refused.</summary>
    private static async Task<AppliedBatch?> RunBatchAsync(
        MergeBatch batch, MergePlan plan, IReadOnlyList<ShapedFiles> groups, CancellationToken cancellationToken)
    {
        try
        {
            return await batch.ApplyAsync(plan, groups, careful: false, cancellationToken);
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault) && batch.MayPutAside(plan))
        {
            return await batch.ApplyAsync(plan, groups, careful: true, cancellationToken);
        }
    }

    /// <summary>Notes the files that cannot be read.</summary>
    /// <exception cref="CdcDmsException">They are too many (<see cref="ErrorKind.Parked"/>).</exception>
    private static async Task RejectAsync(TargetSession session, RejectedFilesException fault, CancellationToken cancellationToken)
    {
        foreach (var file in fault.Files)
            if (await session.Ledger.Files.RejectAsync(file.Object, file.Reason, cancellationToken) > MostRejectedFiles)
                throw new CdcDmsException(
                    ErrorKind.Parked,
                    $"{session.Table.Source} cannot be merged: more than {MostRejectedFiles} files are rejected; of the last, "
                    + $"{file.Object.Key}, {file.Reason}. Replace or remove them.",
                    fault);
    }

    private async Task<WaitingFiles> ListAsync(TargetSession session, CancellationToken cancellationToken)
    {
        var record = await session.RecordUnlessParkedAsync(cancellationToken);
        return await WaitingFiles.FindAsync(lake, session.Table, session.Ledger, record, cancellationToken);
    }

    private Task<TargetSession> OpenAsync(TableDefinition table, CancellationToken cancellationToken) =>
        TargetSession.OpenAsync(
            targetConnection,
            table,
            // A wrong lake changes nothing: the lake is asked before a missing target is created.
            beforeCreation: async () => await lake.ListAsync(lake.Lake.Key(""), null, cancellationToken).AnyAsync(cancellationToken),
            cancellationToken);

    private static MergeOutput Output(TargetSession session, MergePlan plan, RowCounts rows) => new()
    {
        Table = session.Table.Source.ToString(),
        Files = plan.Files.Count,
        Bytes = plan.Files.Sum(file => file.Bytes),
        Rows = rows,
        More = plan.More,
    };

    private static CdcDmsException NotMerged(TableDefinition table, NpgsqlException fault) =>
        PostgresFault.Tell(fault, $"{table.Source} was not merged into {table.Target}");
}
