using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Statements;

/// <summary>
/// The statements of one merge. Each change applies only above the version that it replaces, be it a row's, a register's or a tombstone's,
/// so merging is commutative and idempotent. <c>$1</c> is the floor where a statement has a parameter.
/// </summary>
internal sealed class MergeSql
{
    private static readonly string Version = Sql.Identifier(TargetColumns.Version);
    private static readonly string CommittedAt = Sql.Identifier(TargetColumns.CommittedAt);
    private static readonly string DeleteVersion = Sql.Identifier(TargetColumns.DeleteVersion);
    private static readonly string Registers = Sql.Identifier(TargetColumns.Registers);

    private readonly string _target;
    private readonly string _tombstones;
    private readonly IReadOnlyList<StagedColumn> _columns;
    private readonly string _keyNames;
    private readonly bool _soft;
    private readonly RegisterSql? _registers;
    private readonly bool _winsTies;

    /// <param name="target">The target.</param>
    /// <param name="tombstones">The table of the target's tombstones.</param>
    /// <param name="columns">The replicated columns that the files have.</param>
    /// <param name="seen">Columns that files had before, by their names there.</param>
    /// <param name="form">Which changes are staged.</param>
    public MergeSql(
        TargetTable target, TableName tombstones, IReadOnlyList<StagedColumn> columns, IEnumerable<string> seen, StagingForm form)
    {
        (_target, _tombstones, _columns) = (Sql.Identifier(target.Name), Sql.Identifier(tombstones), columns);
        (_soft, _winsTies) = (target.SoftDeletes, form.WinsTies);
        Staging = new StagingSql(target, columns, form);
        _keyNames = Sql.Identifiers(Staging.Key.Select(column => column.Target.To));
        if (target.HasRegisters)
        {
            var before = seen.ToHashSet();
            var missing = target.Columns.Where(column => before.Contains(column.From) && columns.All(staged => staged.Target != column));
            _registers = new RegisterSql([.. columns.Where(column => !column.Target.IsKey)], [.. missing], _soft);
        }
    }

    /// <summary>The table of the batch's changes.</summary>
    public StagingSql Staging { get; }

    /// <summary>Fills gaps with full-load rows of the only generation; touches nothing that is there. Rows affected are inserted.</summary>
    public string FillGaps =>
        $"""
        INSERT INTO {_target} AS t ({InsertedNames}) OVERRIDING SYSTEM VALUE
        SELECT {InsertedValues} FROM {StagingSql.Table} s{JoinedTombstones}
        WHERE s.version > $1{(_soft ? "" : $" AND NOT EXISTS ({Tombstone("true")})")}
        ON CONFLICT ({_keyNames}) DO NOTHING
        """;

    /// <summary>
    /// Notes the deletes that are above everything known of their key, also of keys never seen; a soft delete only where there is no row to
    /// mark. Rows affected are deleted.
    /// </summary>
    public string RaiseTombstones =>
        $"""
        INSERT INTO {_tombstones} AS x ({_keyNames}, {Version})
        SELECT {Staging.Keys}, s.version FROM {StagingSql.Table} s
        WHERE s.deleted AND s.version > $1
          AND NOT EXISTS (SELECT FROM {_target} t WHERE {Staging.Match("t")}{(_soft ? "" : $" AND t.{Version} >= s.version")})
        ON CONFLICT ({_keyNames}) DO UPDATE SET {Version} = EXCLUDED.{Version} WHERE x.{Version} < EXCLUDED.{Version}
        """;

    /// <summary>Removes the rows whose delete was noted.</summary>
    public string DeleteRows =>
        $"""
        DELETE FROM {_target} t USING {StagingSql.Table} s
        WHERE s.deleted AND s.version > $1 AND {Staging.Match("t")} AND t.{Version} < s.version
        """;

    /// <summary>Marks the rows that are deleted softly. Rows affected are deleted.</summary>
    public string MarkDeleted =>
        $"""
        UPDATE {_target} t SET {DeleteVersion} = s.version FROM {StagingSql.Table} s
        WHERE s.deleted AND s.version > $1 AND {Staging.Match("t")} AND t.{Version} < s.version
          AND (t.{DeleteVersion} IS NULL OR t.{DeleteVersion} < s.version)
        """;

    /// <summary>
    /// Empties the registers that are older than a delete whose row lives again. Rows affected are updated; null without registers.
    /// </summary>
    public string? EmptyRegisters => _registers is null ? null :
        $"""
        UPDATE {_target} t SET {_registers.Emptied} FROM {StagingSql.Table} s
        WHERE s.deleted AND s.version > $1 AND {Staging.Match("t")} AND t.{Version} > s.version AND {RegisterSql.HasOlder}
        """;

    /// <summary>Inserts and updates. Gives the two counts.</summary>
    public string Upsert => UpsertWhere(UnlessDeleted);

    /// <summary>
    /// The same, also of keys that are deleted since: whether the target refuses a change must not depend on what else is staged.
    /// </summary>
    public string TrialUpsert => UpsertWhere("");

    private string UpsertWhere(string condition) =>
        $"""
        WITH applied AS (
            INSERT INTO {_target} AS t ({InsertedNames}) OVERRIDING SYSTEM VALUE
            SELECT {InsertedValues} FROM {StagingSql.Table} s{JoinedTombstones}
            WHERE NOT s.deleted AND s.version > $1{condition}
            ON CONFLICT ({_keyNames}) DO UPDATE SET {Updated}
            WHERE t.{Version} {(_winsTies ? "<=" : "<")} EXCLUDED.{Version}{(_registers is null ? "" : $" OR ({_registers.SaysMore})")}
            RETURNING {Staging.IsNew} AS is_new)
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM applied
        """;

    /// <summary>Removes the tombstones of rows that live again; with soft deletes, of rows that are there to be marked.</summary>
    public string DropTombstones => _soft
        ? $"""
          DELETE FROM {_tombstones} x USING {StagingSql.Table} s, {_target} t
          WHERE NOT s.deleted AND {Staging.Match("x")} AND {Staging.Match("t")}
          """
        : $"""
          DELETE FROM {_tombstones} x USING {StagingSql.Table} s
          WHERE NOT s.deleted AND {Staging.Match("x")} AND x.{Version} < s.version
          """;

    /// <summary>
    /// Counts the staged changes that did not apply: unchanged and stale. A row or tombstone of the same version had the change before
    /// when this transaction did not write it (<c>xmin</c>), or wrote it before it staged these changes (<c>cmin</c>), from an earlier
    /// group of files.
    /// </summary>
    public string CountRest =>
        $"""
        SELECT count(*) FILTER (WHERE NOT h.below AND h.held = s.version AND NOT h.fresh),
            count(*) FILTER (WHERE h.below OR (h.held > s.version AND NOT h.fresh))
        FROM {StagingSql.Table} s
        LEFT JOIN {_target} t ON {Staging.Match("t")}
        LEFT JOIN {_tombstones} x ON {Staging.Match("x")}
        CROSS JOIN LATERAL (SELECT s.version <= $1 AS below, {HeldVersion} AS held,
            coalesce(CASE WHEN x.{Version} >= t.{Version} OR t.{Version} IS NULL
                THEN {WrittenSince("x")} ELSE {WrittenSince("t")} END, false) AS fresh) h
        """;

    /// <summary>
    /// The condition under which a staged image is older than the forgotten tombstones, one of which may have been its row's. A tombstone
    /// that is there and not older than the image decides instead; an older one says nothing about deletes above itself. <c>$1</c> is the
    /// version up to which tombstones of the image's generation are forgotten.
    /// </summary>
    public string IsLate =>
        $"NOT s.deleted AND s.version <= $1 AND NOT EXISTS (SELECT FROM {_target} t WHERE {Staging.Match("t")})"
        + $" AND {IsNotDeletedSince}";

    private string HeldVersion => _soft
        ? $"CASE WHEN s.deleted THEN greatest(t.{Version}, t.{DeleteVersion}, x.{Version}) ELSE t.{Version} END"
        : $"greatest(t.{Version}, x.{Version})";

    private string UnlessDeleted => _soft ? "" : $" AND {IsNotDeletedSince}";

    private string IsNotDeletedSince => $"NOT EXISTS ({Tombstone($"x.{Version} >= s.version")})";

    private string JoinedTombstones => _soft || _registers is not null ? $" LEFT JOIN {_tombstones} x ON {Staging.Match("x")}" : "";

    private string InsertedNames =>
        Sql.Identifiers(_columns.Select(column => column.Target.To)) + $", {Version}, {CommittedAt}"
        + (_soft ? $", {DeleteVersion}" : "") + (_registers is null ? "" : $", {Registers}");

    private string InsertedValues =>
        string.Join(", ", _columns.Select(RegisterSql.InsertedValue))
        + ", s.version, s.committed_at AT TIME ZONE 'UTC'"
        + (_soft ? $", CASE WHEN x.{Version} > s.version THEN x.{Version} END" : "")
        + (_registers is null ? "" : $", {_registers.Inserted}");

    private string Updated
    {
        get
        {
            // Keys that are equal without being the same (citext) take the newer spelling.
            var written = _columns.Select(column => column.Target).Where(column => !column.IsKey || !column.KeyIsPlain).ToList();
            (string Name, string Value)[] deleted = _soft
                ? [(DeleteVersion, $"CASE WHEN t.{DeleteVersion} > EXCLUDED.{Version} THEN t.{DeleteVersion} END")] : [];
            if (_registers is null)
                return string.Join(", ", written.Select(column => Sql.Identifier(column.To)).Concat([Version, CommittedAt])
                    .Select(name => (Name: name, Value: $"EXCLUDED.{name}")).Concat(deleted).Select(one => $"{one.Name} = {one.Value}"));
            return _registers.Joined(
                written,
                _winsTies,
                [
                    (Version, $"greatest(t.{Version}, EXCLUDED.{Version})"),
                    (CommittedAt, $"CASE WHEN EXCLUDED.{Version} > t.{Version} THEN EXCLUDED.{CommittedAt} ELSE t.{CommittedAt} END"),
                    .. deleted,
                ]);
        }
    }

    // A command number (cid) compares only as a number.
    private static string WrittenSince(string alias) =>
        $"{alias}.xmin = pg_current_xact_id()::xid AND {alias}.cmin::text::bigint > s.cmin::text::bigint";

    private string Tombstone(string condition) => $"SELECT FROM {_tombstones} x WHERE {Staging.Match("x")} AND {condition}";
}
