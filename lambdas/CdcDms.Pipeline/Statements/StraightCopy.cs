using CdcDms.Contract.Tables;
using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Statements;

/// <summary>
/// Copies rows of a first load into the target itself. Staged and merged, each row is written twice and looked up once; its key alone tells
/// whether a row is there already or comes twice, and then the copy fails.
/// </summary>
internal static class StraightCopy
{
    /// <summary>Copies rows, and notes some of their keys for the table's next proof.</summary>
    /// <param name="session">The table, over a connection in the batch's transaction.</param>
    /// <param name="changes">The rows, which the target itself takes (<see cref="ChangeSet.FitsTarget"/>).</param>
    /// <param name="sampledKeys">How many keys are noted.</param>
    /// <returns>Rows that were inserted.</returns>
    public static async Task<long> RunAsync(
        TargetSession session, ChangeSet changes, int sampledKeys, CancellationToken cancellationToken)
    {
        var copied = await RawCopy.RunAsync(
            session.Connection,
            Statement(session.Target, changes.Columns),
            copy => changes.WriteStraightTo(copy, cancellationToken),
            cancellationToken);
        if (sampledKeys > 0)
            await session.Ledger.Proofs.NoteAsync(Sample(session.Target, sampledKeys, copied), cancellationToken);
        return copied;
    }

    /// <summary>Takes the rows of <see cref="ChangeSet.WriteStraightTo"/>.</summary>
    public static string Statement(TargetTable target, IReadOnlyList<StagedColumn> columns) =>
        $"COPY {Sql.Identifier(target.Name)} ("
        + Sql.Identifiers(columns.Select(column => column.Target.To).Concat([TargetColumns.Version, TargetColumns.CommittedAt]))
        + ") FROM STDIN (FORMAT BINARY)";

    // Of those that this transaction has copied, as StagingSql.Sample gives some of those that it has staged.
    private static string Sample(TargetTable target, int keys, long copied)
    {
        var key = target.Key.Select(column => $"{Sql.Literal(column.To)}, t.{Sql.Identifier(column.To)}::text");
        return $"SELECT jsonb_build_object({string.Join(", ", key)}) AS key FROM {Sql.Identifier(target.Name)} AS t "
            + $"TABLESAMPLE SYSTEM ({StagingSql.Percent(keys, copied)}) WHERE t.xmin = pg_current_xact_id()::xid LIMIT {keys}";
    }
}
