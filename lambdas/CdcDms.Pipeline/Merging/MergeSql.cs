using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Target;

namespace CdcDms.Pipeline.Merging;

/// <summary>
/// The statements of one merge. Each change applies only above the version that it replaces, be it a row's or a tombstone's,
/// so merging is commutative and idempotent. <c>$1</c> is the floor where a statement has a parameter.
/// </summary>
internal sealed class MergeSql
{
    private const string Staging = "pg_temp.cdc_staging";
    private static readonly string Version = Sql.Identifier(TargetColumns.Version);
    private static readonly string CommittedAt = Sql.Identifier(TargetColumns.CommittedAt);

    private readonly string _target;
    private readonly string _tombstones;
    private readonly IReadOnlyList<StagedColumn> _columns;
    private readonly IReadOnlyList<StagedColumn> _key;
    private readonly string _keyNames;

    public MergeSql(TargetTable target, TableName tombstones, IReadOnlyList<StagedColumn> columns)
    {
        _target = Sql.Identifier(target.Name);
        _tombstones = Sql.Identifier(tombstones);
        _columns = columns;
        _key = [.. target.Key.Select(key => columns.First(column => column.Target == key))];
        _keyNames = Sql.Identifiers(_key.Select(column => column.Target.To));
        KeysMayMeet = _key.Any(column => !column.Target.KeyIsPlain || (column.Type.PostgresType == "text" && column.Target.Type is not ("text" or "character varying")));
    }

    /// <summary>Whether keys that differ in the files may be equal in the target: <c>citext</c>, <c>numeric</c>, a text that becomes a uuid.</summary>
    public bool KeysMayMeet { get; }

    /// <summary>The temporary table for the batch's rows, gone with the transaction.</summary>
    public string CreateStaging =>
        $"CREATE TEMP TABLE cdc_staging ({string.Concat(_columns.Select(column => $"{column.Name} {column.Type.PostgresType}, "))}"
        + "deleted boolean NOT NULL, version numeric(35,0) NOT NULL, committed_at timestamp) ON COMMIT DROP";

    /// <summary>Takes the rows of <see cref="ChangeSet.WriteTo"/>.</summary>
    public static string Copy => $"COPY {Staging} FROM STDIN (FORMAT BINARY)";

    /// <summary>
    /// Tells the planner how few rows are deleted. Without statistics it expects half of them, and reads a large target wholly for a few.
    /// </summary>
    public string AnalyzeStaging => $"ANALYZE {Staging} ({string.Concat(_key.Select(column => $"{column.Name}, "))}deleted)";

    /// <summary>Makes room for the next group of files in the same transaction.</summary>
    public static string DropStaging => $"DROP TABLE {Staging}";

    /// <summary>The tombstones' table, typed as the target's key so that the target's equality decides.</summary>
    public static string CreateTombstones(TargetTable target, TableName tombstones)
    {
        var key = Sql.Identifiers(target.Key.Select(column => column.To));
        return $"CREATE TABLE IF NOT EXISTS {Sql.Identifier(tombstones)} AS SELECT {key}, {Version} FROM {Sql.Identifier(target.Name)} WHERE false; "
            + $"CREATE UNIQUE INDEX IF NOT EXISTS {Sql.Identifier($"{tombstones.Name}_key")} ON {Sql.Identifier(tombstones)} ({key})";
    }

    /// <summary>Reduces again, by the target's equality. Rows affected are superseded.</summary>
    public string ReduceStaging =>
        $"""
        DELETE FROM {Staging} s USING (
            SELECT ctid AS place, row_number() OVER (PARTITION BY {string.Join(", ", _key.Select(Cast))} ORDER BY version DESC, deleted DESC) AS rank
            FROM {Staging} s) r
        WHERE s.ctid = r.place AND r.rank > 1
        """;

    /// <summary>Fills gaps with rows of version 0; touches nothing that is there. Rows affected are inserted.</summary>
    public string FillGaps =>
        $"""
        INSERT INTO {_target} ({InsertedNames}) OVERRIDING SYSTEM VALUE
        SELECT {InsertedValues} FROM {Staging} s WHERE $1 = 0 AND NOT EXISTS ({Tombstone("true")})
        ON CONFLICT ({_keyNames}) DO NOTHING
        """;

    /// <summary>Notes the deletes that are above everything known of their key, also of keys never seen. Rows affected are deleted.</summary>
    public string RaiseTombstones =>
        $"""
        INSERT INTO {_tombstones} AS x ({_keyNames}, {Version})
        SELECT {string.Join(", ", _key.Select(Cast))}, s.version FROM {Staging} s
        WHERE s.deleted AND s.version > $1
          AND NOT EXISTS (SELECT FROM {_target} t WHERE {Match("t")} AND t.{Version} >= s.version)
        ON CONFLICT ({_keyNames}) DO UPDATE SET {Version} = EXCLUDED.{Version} WHERE x.{Version} < EXCLUDED.{Version}
        """;

    /// <summary>Removes the rows whose delete was noted.</summary>
    public string DeleteRows =>
        $"DELETE FROM {_target} t USING {Staging} s WHERE s.deleted AND s.version > $1 AND {Match("t")} AND t.{Version} < s.version";

    /// <summary>Inserts and updates. Gives the two counts.</summary>
    public string Upsert =>
        $"""
        WITH applied AS (
            INSERT INTO {_target} AS t ({InsertedNames}) OVERRIDING SYSTEM VALUE
            SELECT {InsertedValues} FROM {Staging} s
            WHERE NOT s.deleted AND (s.version > $1 OR $1 = 0) AND NOT EXISTS ({Tombstone($"x.{Version} >= s.version")})
            ON CONFLICT ({_keyNames}) DO UPDATE SET {string.Join(", ", Updated)} WHERE t.{Version} < EXCLUDED.{Version}
            RETURNING t.xmax = 0 AS is_new)
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM applied
        """;

    /// <summary>Removes the tombstones of rows that live again.</summary>
    public string DropTombstones =>
        $"DELETE FROM {_tombstones} x USING {Staging} s WHERE NOT s.deleted AND {Match("x")} AND x.{Version} < s.version";

    /// <summary>
    /// Counts the staged changes that did not apply: unchanged and stale. A row or tombstone of the same version had the change before
    /// when this transaction did not write it (<c>xmin</c>), or wrote it before it staged these changes (<c>cmin</c>), from an earlier group of files.
    /// </summary>
    public string CountRest =>
        $"""
        SELECT count(*) FILTER (WHERE NOT h.below AND h.held = s.version AND NOT h.fresh), count(*) FILTER (WHERE h.below OR h.held > s.version)
        FROM {Staging} s LEFT JOIN {_target} t ON {Match("t")} LEFT JOIN {_tombstones} x ON {Match("x")}
        CROSS JOIN LATERAL (SELECT s.version <= $1 AND $1 > 0 AS below, greatest(t.{Version}, x.{Version}) AS held,
            coalesce(CASE WHEN x.{Version} >= t.{Version} OR t.{Version} IS NULL THEN {WrittenSince("x")} ELSE {WrittenSince("t")} END, false) AS fresh) h
        """;

    /// <summary>Removes the rows that a complete generation does not have and that no later change has touched. <c>$1</c> is its version.</summary>
    public string RemoveAbsent =>
        $"DELETE FROM {_target} t WHERE t.{Version} < $1 AND NOT EXISTS (SELECT FROM {Staging} s WHERE {Match("t")})";

    /// <summary>The same for a generation that has no rows at all.</summary>
    public static string RemoveAll(TargetTable target) => $"DELETE FROM {Sql.Identifier(target.Name)} WHERE {Version} < $1";

    /// <summary>Removes the tombstones that the floor makes needless. <c>$1</c> is the floor.</summary>
    public static string PurgeTombstones(TableName tombstones) => $"DELETE FROM {Sql.Identifier(tombstones)} WHERE {Version} <= $1";

    private string InsertedNames => Sql.Identifiers(_columns.Select(column => column.Target.To)) + $", {Version}, {CommittedAt}";

    private string InsertedValues => string.Join(", ", _columns.Select(Cast)) + ", s.version, s.committed_at AT TIME ZONE 'UTC'";

    private IEnumerable<string> Updated =>
        // Keys that are equal without being the same (citext) take the newer spelling.
        _columns.Where(column => !column.Target.IsKey || !column.Target.KeyIsPlain).Select(column => Sql.Identifier(column.Target.To))
            .Concat([Version, CommittedAt]).Select(name => $"{name} = EXCLUDED.{name}");

    // A command number (cid) compares only as a number.
    private static string WrittenSince(string alias) => $"{alias}.xmin = pg_current_xact_id()::xid AND {alias}.cmin::text::bigint > s.cmin::text::bigint";

    private string Tombstone(string condition) => $"SELECT FROM {_tombstones} x WHERE {Match("x")} AND {condition}";

    private string Match(string other) => string.Join(" AND ", _key.Select(column => $"{other}.{Sql.Identifier(column.Target.To)} = {Cast(column)}"));

    private static string Cast(StagedColumn column) => $"CAST(s.{column.Name} AS {column.Target.Type}){column.Target.Collate}";
}
