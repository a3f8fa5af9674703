using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Benchmarks;

/// <summary>
/// The floor: what PostgreSQL itself needs for a batch in one session. The changes are reduced and encoded before time is taken; what is
/// left is to COPY them into staging, the statements of the merge, and the commit.
/// </summary>
/// <param name="prepared">The work.</param>
/// <param name="bytes">The reduced changes as a binary COPY.</param>
/// <param name="columns">The staged columns.</param>
/// <param name="kept">How many changes are left.</param>
/// <param name="hasDeletes">Whether any is a delete.</param>
internal sealed class EncodedChanges(
    PreparedWork prepared, byte[] bytes, IReadOnlyList<StagedColumn> columns, long kept, bool hasDeletes)
{
    private static readonly CancellationToken Never = CancellationToken.None;

    /// <summary>Reduces and encodes the changes of a work.</summary>
    public static async Task<EncodedChanges> OfAsync(PreparedWork prepared)
    {
        await using var database = await prepared.DatabaseAsync();
        await using var session = await TargetSession.OpenAsync(database.ConnectionString, prepared.Work.Table, Never);
        using var workspace = new ChangeWorkspace(memoryMegabytes: 512);
        var kind = prepared.Work.IsLoad ? new ChangeKind.Snapshot() : ChangeKind.Of(session.Table);
        var files = await workspace.FetchAsync(prepared.Lake, await prepared.ChangeFilesAsync(), Never);
        var group = workspace.GroupByColumns(files, ExpectedFiles.Of(session, prepared.Lake.Lake, kind)).Single();
        var changes = ChangeSet.Open(workspace, group, kind, session.Target, careful: false, Never);
        using var stream = new MemoryStream();
        if (prepared.Work.IsLoad)
        {
            changes.WriteStraightTo(stream, Never);
            return new EncodedChanges(prepared, stream.ToArray(), changes.Columns, changes.Read, hasDeletes: false);
        }

        var reduced = changes.Reduce(ChangePart.All, Never);
        changes.WriteTo(stream, ChangePart.All, all: reduced.Superseded == 0, numbered: false, Never);
        return new EncodedChanges(prepared, stream.ToArray(), changes.Columns, reduced.Kept, changes.Deletes > 0);
    }

    /// <summary>Merges them.</summary>
    /// <returns>The time from BEGIN to the acknowledged COMMIT.</returns>
    public async Task<TimeSpan> MergeAsync()
    {
        await using var database = await prepared.DatabaseAsync();
        await using var session = await TargetSession.OpenAsync(database.ConnectionString, prepared.Work.Table, Never);
        var record = await session.PlacedAsync(await session.Ledger.ReadAsync(Never), Never);
        var sql = new MergeSql(session.Target, session.Ledger.Tombstones, columns, record, new StagingForm());
        return await Elapsed.OfAsync(async () =>
        {
            await using var transaction = await session.Connection.BeginTransactionAsync(Never);
            if (prepared.Work.IsLoad)
            {
                await CopyAsync(session, StraightCopy.Statement(session.Target, columns));
                await transaction.CommitAsync(Never);
                return;
            }

            await session.Connection.ExecuteAsync(sql.Staging.Create, Never);
            await CopyAsync(session, StagingSql.Copy);
            await new StagedMerge(session, record.Floor, inLayers: false, fillsGaps: false) { HasDeletes = hasDeletes }
                .RunAsync(sql, kept, Never);
            await session.Connection.ExecuteAsync(StagingSql.Drop, Never);
            await transaction.CommitAsync(Never);
        });
    }

    private async Task CopyAsync(TargetSession session, string statement)
    {
        await using var copy = await session.Connection.BeginRawBinaryCopyAsync(statement, Never);
        await copy.WriteAsync(bytes, Never);
    }
}
