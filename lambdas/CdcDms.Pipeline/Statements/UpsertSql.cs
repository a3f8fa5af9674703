using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Statements;

/// <summary>The statements that write staged images <c>s</c> into the target <c>t</c>. <c>$1</c> is the floor.</summary>
/// <param name="target">The target.</param>
/// <param name="tombstones">The table of the target's tombstones, quoted.</param>
/// <param name="columns">The staged columns.</param>
/// <param name="staging">The table of the batch's changes.</param>
/// <param name="registers">How image and row are joined where columns may be of other versions than their row; else null.</param>
/// <param name="winsTies">Whether an image takes the place of one of the same version.</param>
internal sealed class UpsertSql(
    TargetTable target, string tombstones, IReadOnlyList<StagedColumn> columns, StagingSql staging, RegisterSql? registers, bool winsTies)
{
    private const string CommittedUtc = "s.committed_at AT TIME ZONE 'UTC'";

    private static readonly string Version = Sql.Identifier(TargetColumns.Version);
    private static readonly string CommittedAt = Sql.Identifier(TargetColumns.CommittedAt);
    private static readonly string DeleteVersion = Sql.Identifier(TargetColumns.DeleteVersion);
    private static readonly string Registers = Sql.Identifier(TargetColumns.Registers);

    private string Name => Sql.Identifier(target.Name);

    private string KeyNames => Sql.Identifiers(staging.Key.Select(column => column.Target.To));

    /// <summary>The condition under which no tombstone is above a staged image.</summary>
    public string IsNotDeletedSince => $"NOT EXISTS ({Tombstone($"x.{Version} >= s.version")})";

    /// <summary>Fills gaps with full-load rows of the only generation; touches nothing that is there. Rows affected are inserted.</summary>
    public string FillGaps =>
        $"""
        INSERT INTO {Name} AS t ({InsertedNames}) OVERRIDING SYSTEM VALUE
        SELECT {InsertedValues} FROM {StagingSql.Table} s{JoinedTombstones}
        WHERE s.version > $1{(target.SoftDeletes ? "" : $" AND NOT EXISTS ({Tombstone("true")})")}
        ON CONFLICT ({KeyNames}) DO NOTHING
        """;

    /// <summary>Inserts and updates where a condition holds besides. Gives the two counts.</summary>
    public string Where(string condition) =>
        $"""
        WITH applied AS (
            INSERT INTO {Name} AS t ({InsertedNames}) OVERRIDING SYSTEM VALUE
            {(registers is null ? Images(condition) : JoinedRows(registers, condition))}
            RETURNING {staging.IsNew} AS is_new)
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM applied
        """;

    private string Images(string condition) =>
        $"""
        SELECT {InsertedValues} FROM {StagingSql.Table} s{JoinedTombstones}
        WHERE NOT s.deleted AND s.version > $1{condition}
        ON CONFLICT ({KeyNames}) DO UPDATE SET {Updated([])}
        WHERE t.{Version} {Older} EXCLUDED.{Version}
        """;

    // The rows as they are afterwards. Nobody else writes them while this transaction has the table's lock.
    private string JoinedRows(RegisterSql joining, string condition) =>
        $"""
        SELECT {JoinedValues(joining)} FROM {StagingSql.Table} s{JoinedTombstones}
        LEFT JOIN {Name} t ON {staging.Match("t")}{joining.Joined(winsTies)}
        WHERE NOT s.deleted AND s.version > $1{condition} AND (t.{Version} IS NULL OR t.{Version} {Older} s.version OR j.says)
        ON CONFLICT ({KeyNames}) DO UPDATE SET {Updated([.. joining.Missing, (Registers, $"EXCLUDED.{Registers}")])}
        """;

    private string JoinedTombstones =>
        target.SoftDeletes || registers is not null ? $" LEFT JOIN {tombstones} x ON {staging.Match("x")}" : "";

    private string InsertedNames =>
        Sql.Identifiers(columns.Select(column => column.Target.To)) + $", {Version}, {CommittedAt}"
        + (target.SoftDeletes ? $", {DeleteVersion}" : "") + (registers is null ? "" : $", {Registers}");

    private string InsertedValues =>
        string.Join(", ", columns.Select(StagingSql.Cast)) + $", s.version, {CommittedUtc}{InsertedDelete}";

    private string JoinedValues(RegisterSql joining)
    {
        var values = columns.Select(column => column.Target switch
        {
            { IsKey: false } => joining.Value(column),
            { KeyIsPlain: true } => StagingSql.Cast(column),
            var key => $"CASE WHEN t.{Version} > s.version THEN t.{Sql.Identifier(key.To)} ELSE {StagingSql.Cast(column)} END",
        });
        return string.Join(", ", values) + $", greatest(t.{Version}, s.version), "
            + $"CASE WHEN t.{Version} >= s.version THEN t.{CommittedAt} ELSE {CommittedUtc} END{InsertedDelete}, j.registers";
    }

    private string InsertedDelete => target.SoftDeletes ? $", CASE WHEN x.{Version} > s.version THEN x.{Version} END" : "";

    private string Older => winsTies ? "<=" : "<";

    private string Updated(IEnumerable<(string Name, string Value)> others)
    {
        // Keys that are equal without being the same (citext) take the newer spelling.
        var written = columns.Select(column => column.Target).Where(column => !column.IsKey || !column.KeyIsPlain);
        (string Name, string Value)[] deleted = target.SoftDeletes
            ? [(DeleteVersion, $"CASE WHEN t.{DeleteVersion} > EXCLUDED.{Version} THEN t.{DeleteVersion} END")] : [];
        var newer = written.Select(column => Sql.Identifier(column.To)).Concat([Version, CommittedAt])
            .Select(name => (Name: name, Value: $"EXCLUDED.{name}"));
        return string.Join(", ", newer.Concat(deleted).Concat(others).Select(one => $"{one.Name} = {one.Value}"));
    }

    private string Tombstone(string condition) => $"SELECT FROM {tombstones} x WHERE {staging.Match("x")} AND {condition}";
}
