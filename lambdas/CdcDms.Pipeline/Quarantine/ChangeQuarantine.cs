using System.Numerics;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Quarantine;

/// <summary>A staged change that the target refuses.</summary>
/// <param name="Number">Its number among the staged.</param>
/// <param name="SqlState">PostgreSQL's code.</param>
/// <param name="Error">PostgreSQL's sentence.</param>
/// <param name="KeyIsReadable">Whether the target can at least read its key.</param>
internal sealed record RefusedChange(long Number, string SqlState, string Error, bool KeyIsReadable);

/// <summary>Puts changes aside that cannot be applied, in the transaction of their batch. They advance nothing.</summary>
internal sealed class ChangeQuarantine(NpgsqlConnection connection, TableLedger ledger, TargetTable target)
{
    /// <summary>So many in one batch are no accident of single rows.</summary>
    public const int MostInBatch = 1000;

    private static readonly string Version = Sql.Identifier(TargetColumns.Version);

    /// <summary>Puts rows aside that cannot be ordered or told apart.</summary>
    public Task AddAsync(ChangeSet changes, IReadOnlyList<MalformedRow> rows, CancellationToken cancellationToken) => Each(rows, row =>
        connection.ExecuteAsync(
            $"{Insert} SELECT $1, 'malformed', $2, NULL, NULL, NULL, jsonb_object($3::text[], $4::text[]), jsonb_object($3::text[], $5::text[]), NULL, NULL, $6 {Once}",
            cancellationToken, ledger.Id, row.Operation, changes.FileColumns.ToArray(), row.Values.ToArray(), changes.Files.Types.Values.ToArray(), row.Fault));

    /// <summary>Moves the staged images that are older than the forgotten tombstones.</summary>
    /// <returns>How many.</returns>
    public async Task<long> MoveLateAsync(MergeSql sql, ChangeSet changes, BigInteger purgeFloor, CancellationToken cancellationToken)
    {
        var late = await connection.ExecuteAsync(
            $"""
            WITH late AS (DELETE FROM {StagingSql.Table} s WHERE {sql.IsLate} RETURNING s.*)
            {Insert} SELECT {ledger.Id}, 'late', 'U', s.version, s.committed_at, {sql.Staging.KeyObject}, {Row(changes)}, {Types(changes)}, {Registers(changes)}, NULL,
                'it is older than the deletes that are still remembered, and its row is not there: the row may have been deleted since' FROM late s {Once}
            """,
            cancellationToken, purgeFloor);
        return late;
    }

    /// <summary>Puts refused changes aside, unless something newer is in the target already: then they are stale.</summary>
    /// <param name="sql">The batch's statements.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="refused">Those that the target refuses.</param>
    public Task AddAsync(MergeSql sql, ChangeSet changes, IReadOnlyList<RefusedChange> refused, CancellationToken cancellationToken) => Each(refused, change =>
        connection.ExecuteAsync(
            $"""
            {Insert} SELECT $1, 'refused', CASE WHEN s.deleted THEN 'D' ELSE 'U' END, s.version, s.committed_at, {(change.KeyIsReadable ? sql.Staging.KeyObject : "NULL::jsonb")},
                {Row(changes)}, {Types(changes)}, {Registers(changes)}, $2, $3 FROM {RefusedChanges.Numbered} s WHERE s.number = $4 {Once}
            """,
            cancellationToken, ledger.Id, change.SqlState, change.Error, change.Number));

    /// <summary>Closes the changes of which nothing could apply any more, because they are not above the floor or the target holds something newer.</summary>
    /// <returns>How many, of those since the transaction began.</returns>
    public Task<long> CloseSupersededAsync(CancellationToken cancellationToken) =>
        connection.ScalarAsync<long>(
            $"""
            WITH closed AS (
                UPDATE cdc.quarantine q SET closed_at = clock_timestamp(), closed_by = 'superseded'
                WHERE q.table_id = $1 AND q.closed_at IS NULL AND (q.version <= (SELECT b.floor FROM cdc.tables b WHERE b.id = $1 AND b.floor > 0) OR (q.key IS NOT NULL AND (
                    EXISTS (SELECT FROM {Sql.Identifier(target.Name)} t WHERE {Match("t")} AND {HoldsMore})
                    OR EXISTS (SELECT FROM {Sql.Identifier(ledger.Tombstones)} x WHERE {Match("x")} AND x.{Version} >= q.version{OfDeletes}))))
                RETURNING q.quarantined_at)
            SELECT count(*) FILTER (WHERE quarantined_at >= now()) FROM closed
            """,
            cancellationToken, ledger.Id);

    /// <summary>Whether the table has open changes.</summary>
    public Task<bool> HasOpenAsync(CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM cdc.quarantine WHERE table_id = $1 AND closed_at IS NULL)", cancellationToken, ledger.Id);

    // A soft delete still takes the image that was before it.
    private string OfDeletes => target.SoftDeletes ? " AND q.operation = 'D'" : "";

    // With registers, an older change may still have the last word on one of them.
    private string HoldsMore => target.HasRegisters
        ? $"t.{Version} >= q.version AND NOT EXISTS (SELECT FROM jsonb_each_text(t.{Sql.Identifier(TargetColumns.Registers)}) r WHERE r.value::numeric < q.version)"
        : $"t.{Version} >= q.version";

    private const string Insert =
        "INSERT INTO cdc.quarantine (table_id, reason, operation, version, committed_at, key, change, types, registers, sqlstate, error)";

    // The same change may come again in another file.
    private const string Once =
        "ON CONFLICT (table_id, coalesce(version, -1), coalesce(operation, ''), md5(change::text)) WHERE closed_at IS NULL DO UPDATE SET error = EXCLUDED.error";

    private string Match(string other) => string.Join(
        " AND ", target.Key.Select(column => $"{other}.{Sql.Identifier(column.To)} = CAST(q.key ->> {Sql.Literal(column.To)} AS {column.CastType}){column.Collate}"));

    private static string Row(ChangeSet changes) => Object(changes.Columns.Select(column => (column.Target.From, $"s.{column.Name}::text")));

    private static string Types(ChangeSet changes) => Object(changes.Columns.Select(column => (column.Target.From, Sql.Literal(column.PostgresType))));

    private static string Registers(ChangeSet changes) =>
        changes.Columns.Any(column => column.Register is not null)
            ? Object(changes.Columns.Where(column => column.Register is not null).Select(column => (column.Target.From, $"s.{column.Register}::text")))
            : "NULL::jsonb";

    private static string Object(IEnumerable<(string Name, string Value)> members) =>
        $"(SELECT jsonb_object_agg(m.name, m.value) FROM (VALUES {string.Join(", ", members.Select(member => $"({Sql.Literal(member.Name)}, {member.Value})"))}) m (name, value))";

    private static async Task Each<T>(IEnumerable<T> items, Func<T, Task<long>> add)
    {
        foreach (var item in items)
            await add(item);
    }
}
