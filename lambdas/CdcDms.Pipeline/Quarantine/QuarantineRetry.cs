using CdcDms.Contract;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Evolution;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Quarantine;

/// <summary>Tries one quarantined change again, in a transaction of its own.</summary>
/// <param name="session">The table, over a connection without a transaction.</param>
/// <param name="id">The change's number.</param>
internal sealed class QuarantineRetry(TargetSession session, long id)
{
    private const string ColumnsSql =
        "SELECT t.key, t.value FROM cdc.quarantine q CROSS JOIN LATERAL jsonb_each_text(q.types) t "
        + "WHERE q.id = $1 AND q.closed_at IS NULL AND q.reason <> 'malformed'";

    // Of one version, the change with the larger number is the later one, and an older one that is tried again after it must not win. With
    // registers, an update may still have a word to say.
    private const string CloseSql =
        """
        WITH retried AS (
            UPDATE cdc.quarantine SET closed_at = clock_timestamp(), closed_by = 'retried'
            WHERE id = $1 RETURNING id, table_id, version, key, operation = 'U' AND $2 AS leaves_some)
        UPDATE cdc.quarantine q SET closed_at = clock_timestamp(), closed_by = 'superseded' FROM retried
        WHERE q.table_id = retried.table_id AND q.closed_at IS NULL AND q.id < retried.id AND q.key = retried.key
            AND coalesce(q.version, -1) = retried.version AND NOT retried.leaves_some
        """;

    private const string RefusedSql = "UPDATE cdc.quarantine SET sqlstate = $2, error = $3, told = $4 WHERE id = $1";
    private const string LateSql = "UPDATE cdc.quarantine SET reason = 'late', sqlstate = NULL, error = $2, told = $2 WHERE id = $1";

    /// <summary>Merges the change as it would be merged from a file.</summary>
    /// <returns>Whether it is applied, or need not be any more; false when it stays in the quarantine.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await session.PrepareAgainAsync(cancellationToken);
            var key = session.Target.Key;
            await using var transaction = await session.Connection.BeginTransactionAsync(cancellationToken);
            await session.Ledger.LockAsync(shared: false, cancellationToken);
            await session.RefuseOtherBackendAsync(cancellationToken);
            // A merge may have changed the target since the session was opened; only under the lock it stays as it is.
            await session.RefreshAsync(cancellationToken);
            if (!key.SequenceEqual(session.Target.Key))
                throw new CdcDmsException(
                    ErrorKind.Conflict,
                    $"The change {id} of {session.Table.Source} was not tried again: somebody has altered the key of {session.Target.Name} "
                    + "meanwhile; try again.");
            var applied = await ApplyAsync(await session.RecordUnlessParkedAsync(cancellationToken), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return applied;
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault))
        {
            await session.Connection.ExecuteAsync(
                RefusedSql, cancellationToken, id, fault.SqlState, PostgresWords.Kept(fault), PostgresWords.Told(fault));
            return false;
        }
    }

    private async Task<bool> ApplyAsync(TableRecord record, CancellationToken cancellationToken)
    {
        var columns = await ColumnsAsync(cancellationToken);
        if (session.Target.Key.Any(key => columns.All(column => column.Target != key)))
            return false;

        if (!session.Target.HasRegisters && session.Target.Columns.Any(column =>
            record.SeenColumns.ContainsKey(column.From) && columns.All(said => said.Target != column)))
            await AddRegistersAsync(cancellationToken);
        record = await session.PlacedAsync(record, cancellationToken);

        // A row of the same version was there before the change was refused: else it would have been closed.
        var form = new StagingForm(IsNumbered: false, WinsTies: true);
        var sql = new MergeSql(session.Target, session.Ledger.Tombstones, columns, record, form);
        await session.Connection.ExecuteAsync(sql.Staging.Create, cancellationToken);
        await session.Connection.ExecuteAsync(Stage(sql, columns), cancellationToken, id);
        var isLate = await session.Connection.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM {StagingSql.Table} s WHERE {sql.IsLate})", cancellationToken, record.PurgeFloor);
        if (isLate)
        {
            await session.Connection.ExecuteAsync(LateSql, cancellationToken, id, ChangeQuarantine.LateReason);
            return false;
        }

        var merge = new StagedMerge(session, record.Floor, inLayers: false, fillsGaps: false);
        var rows = await merge.RunAsync(sql, staged: 1, cancellationToken);
        await session.Ledger.Files.RecordAsync([], rows with { Read = 1 }, removed: 0, course: null, cancellationToken);
        await session.Connection.ExecuteAsync(CloseSql, cancellationToken, id, session.Target.HasRegisters);
        if (rows is not { Inserted: 0, Updated: 0, Deleted: 0 })
            await session.Connection.ExecuteAsync(UnprovenLedger.MarkRetried, cancellationToken, session.Ledger.Id);
        return true;
    }

    /// <summary>Files had a column since that the change lacks: its value is of another version than the change.</summary>
    private async Task AddRegistersAsync(CancellationToken cancellationToken)
    {
        var add = $"ALTER TABLE {Sql.Identifier(session.Target.Name)} {TargetEvolution.AddRegisters}";
        await session.Connection.ExecuteTogetherAsync([new(LockWait.Shortly), new(add)], cancellationToken);
        await session.RefreshAsync(cancellationToken);
    }

    /// <summary>The change's columns that the target has; none when the change is malformed or closed.</summary>
    private async Task<List<StagedColumn>> ColumnsAsync(CancellationToken cancellationToken)
    {
        var known = await session.Connection.QueryAsync(
            ColumnsSql,
            row => (From: row.GetString(0), Type: row.GetString(1)),
            cancellationToken, id).ToListAsync(cancellationToken);
        var columns = new List<StagedColumn>();
        foreach (var (index, (from, type)) in known.Index())
            if (session.Target.Columns.FirstOrDefault(column => column.From == from) is { } target)
                columns.Add(new StagedColumn(target, $"c{index}", type, target.NullMayMeanUnchanged));
        return columns;
    }

    private string Stage(MergeSql sql, IReadOnlyList<StagedColumn> columns)
    {
        var whole = session.Target.HasRegisters ? "q.operation = 'I', " : "";
        var values = columns.Select(column => $"CAST(q.change ->> {Sql.Literal(column.Target.From)} AS {column.PostgresType})");
        return $"INSERT INTO {StagingSql.Table} ({sql.Staging.Names}) SELECT {string.Join(", ", values)}, "
            + $"{whole}q.operation = 'D', q.version, q.committed_at FROM cdc.quarantine q WHERE q.id = $1";
    }
}
