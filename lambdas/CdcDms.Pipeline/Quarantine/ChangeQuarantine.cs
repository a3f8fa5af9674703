using System.Numerics;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Quarantine;

/// <summary>Puts changes aside that cannot be applied, in the transaction of their batch. They advance nothing.</summary>
internal sealed class ChangeQuarantine(TargetSession session)
{
    private const string Columns = "table_id, reason, operation, version, committed_at, key, change, types, sqlstate, error, told";
    private const string Insert = $"INSERT INTO cdc.quarantine ({Columns})";

    // The same change may come again in another file.
    private const string Once =
        "ON CONFLICT (table_id, coalesce(version, -1), coalesce(operation, ''), md5(change::text)) WHERE closed_at IS NULL "
        + "DO UPDATE SET error = EXCLUDED.error, told = EXCLUDED.told";

    /// <summary>Why a late change is put aside.</summary>
    public const string LateReason =
        "it is older than the deletes that are still remembered, and its row is not there: the row may have been deleted since";

    // Not a comparison of times: a batch that began earlier may have waited for the one that put a change aside.
    private const string WrittenNow = "xmin = pg_current_xact_id()::xid";
    private const string IsOfThisBatch = $"q.{WrittenNow}";

    private static readonly Int128 SequenceRange = ChangeVersion.FullLoad(1).Value;
    private static readonly string Version = Sql.Identifier(TargetColumns.Version);

    /// <summary>Puts rows aside that cannot be ordered or told apart.</summary>
    public async Task AddAsync(ChangeSet changes, IReadOnlyList<MalformedRow> rows, CancellationToken cancellationToken)
    {
        const string sql =
            $"{Insert} SELECT $1, 'malformed', $2, NULL, NULL, NULL, "
            + $"jsonb_object($3::text[], $4::text[]), jsonb_object($3::text[], $5::text[]), NULL, $6, $6 {Once}";
        var (names, types) = (changes.FileColumns.ToArray(), changes.Files.Types.Values.ToArray());
        foreach (var row in rows)
            await session.Connection.ExecuteAsync(
                sql, cancellationToken, session.Ledger.Id, row.Operation, names, row.Values.ToArray(), types, row.Fault);
    }

    /// <summary>Puts refused changes aside, unless something newer is in the target already: then they are stale.</summary>
    /// <param name="sql">The batch's statements.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="refused">The changes that the target refuses.</param>
    public async Task AddAsync(
        MergeSql sql, ChangeSet changes, IReadOnlyList<RefusedChange> refused, CancellationToken cancellationToken)
    {
        foreach (var change in refused)
        {
            var key = change.KeyIsReadable ? sql.Staging.KeyObject : "NULL::jsonb";
            // Of one batch the newest changes are put aside first, and a retry goes by version and number: of two changes with one version
            // the later gets the larger number.
            await session.Connection.ExecuteAsync(
                $"""
                WITH added AS (
                    {Insert} SELECT $1, 'refused', {Operation}, s.version, s.committed_at, {key}, {Row(changes)}, {Types(changes)},
                        $2, $3, $5
                    FROM {RefusedChanges.Numbered} s WHERE s.number = $4 {Once} RETURNING version, key, xmax = 0 AS is_new),
                later AS (
                    DELETE FROM cdc.quarantine q USING added
                    WHERE added.is_new AND {IsOfThisBatch} AND q.table_id = $1 AND q.closed_at IS NULL
                        AND coalesce(q.version, -1) = added.version AND q.key = added.key
                    RETURNING q.*)
                {Insert} SELECT {Columns} FROM later ORDER BY id
                """,
                cancellationToken, session.Ledger.Id, change.SqlState, change.Error, change.Number, change.Told);
        }
    }

    /// <summary>Moves the staged images that are older than the forgotten tombstones.</summary>
    /// <returns>How many.</returns>
    public Task<long> MoveLateAsync(MergeSql sql, ChangeSet changes, BigInteger purgeFloor, CancellationToken cancellationToken) =>
        session.Connection.ExecuteAsync(
            $"""
            WITH late AS (DELETE FROM {StagingSql.Table} s WHERE {sql.IsLate} RETURNING s.*)
            {Insert} SELECT {session.Ledger.Id}, 'late', {Operation}, s.version, s.committed_at, {sql.Staging.KeyObject},
                {Row(changes)}, {Types(changes)}, NULL, '{LateReason}', '{LateReason}' FROM late s {Once}
            """,
            cancellationToken, purgeFloor);

    /// <summary>Whether the table has open changes.</summary>
    public Task<bool> HasOpenAsync(CancellationToken cancellationToken) =>
        session.Connection.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM cdc.quarantine WHERE table_id = $1 AND closed_at IS NULL)", cancellationToken, session.Ledger.Id);

    /// <summary>Whether changes of a version are open, or changes whose version could not be read.</summary>
    public Task<bool> HasOpenAsync(BigInteger version, CancellationToken cancellationToken) =>
        session.Connection.ScalarAsync<bool>(
            """
            SELECT EXISTS (
                SELECT FROM cdc.quarantine WHERE table_id = $1 AND closed_at IS NULL AND coalesce(version, $2) = $2)
            """,
            cancellationToken, session.Ledger.Id, version);

    /// <summary>Whether changes at or below a version are open that the target has refused, so that they can be tried again.</summary>
    public Task<bool> HasRefusedUpToAsync(BigInteger version, CancellationToken cancellationToken) =>
        session.Connection.ScalarAsync<bool>(
            """
            SELECT EXISTS (
                SELECT FROM cdc.quarantine WHERE table_id = $1 AND closed_at IS NULL AND reason = 'refused' AND version <= $2)
            """,
            cancellationToken, session.Ledger.Id, version);

    /// <summary>
    /// Closes the changes of which nothing could apply any more, because they are not above the floor or the target holds something newer.
    /// </summary>
    /// <returns>How many, of those since the transaction began.</returns>
    public Task<long> CloseSupersededAsync(CancellationToken cancellationToken) =>
        session.Connection.ScalarAsync<long>(
            $"""
            WITH outdated AS (
                SELECT q.id, {IsOfThisBatch} AS is_new FROM cdc.quarantine q
                WHERE q.table_id = $1 AND q.closed_at IS NULL AND ({IsBelowFloor} OR (q.key IS NOT NULL AND (
                    EXISTS (SELECT FROM {Sql.Identifier(session.Target.Name)} t WHERE {Match("t")} AND {HoldsMore})
                    OR EXISTS (SELECT FROM {Tombstones} x WHERE {Match("x")} AND x.{Version} >= q.version{OfDeletes}))))),
            closed AS (
                UPDATE cdc.quarantine q SET closed_at = clock_timestamp(), closed_by = 'superseded'
                FROM outdated WHERE q.id = outdated.id)
            SELECT count(*) FILTER (WHERE is_new) FROM outdated
            """,
            cancellationToken, session.Ledger.Id);

    // Only where columns are registers it matters whether a change says all of them.
    private string Operation =>
        $"CASE WHEN s.deleted THEN 'D' {(session.Target.HasRegisters ? "WHEN s.whole THEN 'I' " : "")}ELSE 'U' END";

    private string Tombstones => Sql.Identifier(session.Ledger.Tombstones);

    private static string IsBelowFloor => "q.version <= (SELECT b.floor FROM cdc.tables b WHERE b.id = $1)";

    // A soft delete still takes the image that was before it.
    private string OfDeletes => session.Target.SoftDeletes ? " AND q.operation = 'D'" : "";

    // With registers, an older change may still have the last word on one of the columns that it speaks of.
    private string HoldsMore => session.Target.HasRegisters
        ? $"""
            {IsOvertaken} AND NOT EXISTS (
                SELECT FROM jsonb_each_text(t.{Sql.Identifier(TargetColumns.Registers)}) r
                CROSS JOIN unnest((SELECT b.register_columns FROM cdc.tables b WHERE b.id = $1)) WITH ORDINALITY p (name, place)
                JOIN (VALUES {string.Join(", ", session.Target.Columns.Select(Spoken))}) c (name, is_told, is_said) ON c.name = p.name
                WHERE substr(r.value, p.place::integer, 1) = '1' AND r.key::numeric < q.version
                  AND (q.operation = 'D' OR (c.is_told AND (q.operation = 'I' OR c.is_said))))
            """
        : IsOvertaken;

    private static string Spoken(TargetColumn column)
    {
        var from = Sql.Literal(column.From);
        var isSaid = column.NullMayMeanUnchanged ? $"q.change ->> {from} IS NOT NULL" : "true";
        return $"({Sql.Literal(column.To)}, q.types ? {from}, {isSaid})";
    }

    // A row of the same version was there before the refused change, which then is not overtaken; unless the change is a full-load row,
    // or this batch has written the row and an earlier one has put the change aside: it came again, or one that stands behind it in the
    // file.
    private static string IsOvertaken =>
        $"(t.{Version} > q.version OR (t.{Version} = q.version"
            + $" AND (q.version % {SequenceRange} = 0 OR (t.{WrittenNow} AND NOT {IsOfThisBatch}))))";

    private string Match(string other) => string.Join(" AND ", session.Target.Key.Select(column =>
        $"{other}.{Sql.Identifier(column.To)} = CAST(q.key ->> {Sql.Literal(column.To)} AS {column.CastType}){column.Collate}"));

    private static string Row(ChangeSet changes) =>
        JsonObject(changes.Columns.Select(column => (column.Target.From, $"s.{column.Name}::text")));

    private static string Types(ChangeSet changes) =>
        JsonObject(changes.Columns.Select(column => (column.Target.From, Sql.Literal(column.PostgresType))));

    private static string JsonObject(IEnumerable<(string Name, string Value)> members)
    {
        var rows = members.Select(member => $"({Sql.Literal(member.Name)}, {member.Value})");
        return $"(SELECT jsonb_object_agg(m.name, m.value) FROM (VALUES {string.Join(", ", rows)}) m (name, value))";
    }
}
