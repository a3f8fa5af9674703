using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Ledger;
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
    private static readonly string DeleteVersion = Sql.Identifier(TargetColumns.DeleteVersion);

    private readonly string _target;
    private readonly string _tombstones;
    private readonly string _keyNames;
    private readonly bool _soft;
    private readonly UpsertSql _upsert;

    /// <param name="target">The target.</param>
    /// <param name="tombstones">The table of the target's tombstones.</param>
    /// <param name="columns">The replicated columns that the files have.</param>
    /// <param name="record">The table's record, with places for the target's columns where it has registers.</param>
    /// <param name="form">Which changes are staged.</param>
    public MergeSql(
        TargetTable target, TableName tombstones, IReadOnlyList<StagedColumn> columns, TableRecord record, StagingForm form)
    {
        (_target, _tombstones, _soft) = (Sql.Identifier(target.Name), Sql.Identifier(tombstones), target.SoftDeletes);
        Staging = new StagingSql(target, columns, form);
        _keyNames = Sql.Identifiers(Staging.Key.Select(column => column.Target.To));
        RegisterSql? registers = null;
        if (target.HasRegisters)
        {
            var missing = target.Columns.Where(column =>
                record.SeenColumns.ContainsKey(column.From) && columns.All(staged => staged.Target != column));
            registers = new RegisterSql(
                [.. columns.Where(column => !column.Target.IsKey)], [.. missing], record.RegisterPlaces, _soft);
            EmptyRegisters = new EmptiedRegisters(target, record.RegisterPlaces).ByDeletes(registers.Targets, Staging.Match("t"));
        }

        _upsert = new UpsertSql(target, _tombstones, columns, Staging, registers, form.WinsTies);
    }

    /// <summary>The table of the batch's changes.</summary>
    public StagingSql Staging { get; }

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
    public string? EmptyRegisters { get; }

    /// <inheritdoc cref="UpsertSql.FillGaps"/>
    public string FillGaps => _upsert.FillGaps;

    /// <summary>Inserts and updates. Gives three counts (<see cref="UpsertSql.Where"/>).</summary>
    public string Upsert => _upsert.Where(_soft ? "" : $" AND {_upsert.IsNotDeletedSince}");

    /// <summary>
    /// The same, also of keys that are deleted since: whether the target refuses a change must not depend on what else is staged.
    /// </summary>
    public string TrialUpsert => _upsert.Where("");

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
        + $" AND {_upsert.IsNotDeletedSince}";

    private string HeldVersion => _soft
        ? $"CASE WHEN s.deleted THEN greatest(t.{Version}, t.{DeleteVersion}, x.{Version}) ELSE t.{Version} END"
        : $"greatest(t.{Version}, x.{Version})";

    // A command number (cid) compares only as a number.
    private static string WrittenSince(string alias) =>
        $"{alias}.xmin = pg_current_xact_id()::xid AND {alias}.cmin::text::bigint > s.cmin::text::bigint";
}
