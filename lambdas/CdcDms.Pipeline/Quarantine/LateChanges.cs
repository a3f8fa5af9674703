using System.Numerics;
using CdcDms.Contract;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Quarantine;

/// <summary>
/// The changes of a batch that are older than the forgotten tombstones, of rows that are not there: each may have been deleted since.
/// </summary>
/// <param name="session">The table.</param>
/// <param name="kind">What the batch's files hold.</param>
/// <param name="purgeFloor">The version up to which tombstones are forgotten; 0 for none.</param>
internal sealed class LateChanges(TargetSession session, ChangeKind kind, BigInteger purgeFloor)
{
    private long _putAside;

    /// <summary>
    /// Takes them out of the staged changes. Whether a row of a full load is new or deleted since, the proof of the whole table finds out
    /// that follows each load; of a change nothing else tells, so it is put aside.
    /// </summary>
    /// <returns>How many were put aside, and how many are left to the proof.</returns>
    /// <exception cref="CdcDmsException">There are too many of them in the batch.</exception>
    public async Task<(long PutAside, long Left)> TakeAsync(MergeSql sql, ChangeSet changes, CancellationToken cancellationToken)
    {
        if (purgeFloor.IsZero)
            return (0, 0);
        if (kind is ChangeKind.Snapshot && session.Table.MayBeProven)
            return (0, await session.Connection.ExecuteAsync(
                $"DELETE FROM {StagingSql.Table} s WHERE {sql.IsLate}", cancellationToken, purgeFloor));
        var late = await new ChangeQuarantine(session).MoveLateAsync(sql, changes, purgeFloor, cancellationToken);
        if ((_putAside += late) > RefusedChange.MostInBatch)
            throw new CdcDmsException(
                ErrorKind.Parked,
                $"{session.Table.Source} cannot be merged: of {changes.Files}, more than {RefusedChange.MostInBatch} rows are older than "
                + "the deletes that are still remembered, and their rows are not there, so each may have been deleted since: these files "
                + "have come again, or much too late. Take them out of the lake, or merge the lake into a new target.");
        return (late, 0);
    }
}
