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
        SELECT {InsertedValues} FROM {StagingSql.Table} s{JoinedRows}
        WHERE s.version > $1{(target.SoftDeletes ? "" : $" AND NOT EXISTS ({Tombstone("true")})")}
        ON CONFLICT ({KeyNames}) DO NOTHING
        """;

    /// <summary>Inserts and updates where a condition holds besides. Gives the counts of inserted, updated, and of rows that were
    /// joined and then not there any more.</summary>
    public string Where(string condition) =>
        $"""
        WITH applied AS (
            INSERT INTO {Name} AS t ({InsertedNames}) OVERRIDING SYSTEM VALUE
            SELECT {InsertedValues} FROM {StagingSql.Table} s{JoinedRows}
            WHERE NOT s.deleted AND s.version > $1{condition}
            ON CONFLICT ({KeyNames}) DO UPDATE SET {Updated}
            WHERE t.{Version} {(winsTies ? "<=" : "<")} EXCLUDED.{Version}{(registers is null ? "" : $" OR {RegisterSql.SaysMore}")}
            RETURNING {staging.IsNew} AS is_new, {(registers is null ? "false" : RegisterSql.IsGone)} AS is_gone)
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new), count(*) FILTER (WHERE is_gone) FROM applied
        """;

    private string JoinedRows =>
        (target.SoftDeletes || registers is not null ? $" LEFT JOIN {tombstones} x ON {staging.Match("x")}" : "")
        + registers?.Joined($"{Name} t ON {staging.Match("t")}", winsTies);

    private string InsertedNames =>
        Sql.Identifiers(columns.Select(column => column.Target.To)) + $", {Version}, {CommittedAt}"
        + (target.SoftDeletes ? $", {DeleteVersion}" : "") + (registers is null ? "" : $", {Registers}");

    private string InsertedValues =>
        string.Join(", ", columns.Select(RegisterSql.Inserted)) + ", s.version, s.committed_at AT TIME ZONE 'UTC'"
        + (target.SoftDeletes ? $", CASE WHEN x.{Version} > s.version THEN x.{Version} END" : "")
        + (registers is null ? "" : $", {registers.InsertedRegisters}");

    private string Updated
    {
        get
        {
            // Keys that are equal without being the same (citext) take the newer spelling.
            var written = columns.Select(column => column.Target).Where(column => !column.IsKey || !column.KeyIsPlain);
            string[] deleted = target.SoftDeletes
                ? [$"{DeleteVersion} = CASE WHEN t.{DeleteVersion} > EXCLUDED.{Version} THEN t.{DeleteVersion} END"] : [];
            var assigned = registers is null
                ? written.Select(column => Sql.Identifier(column.To)).Concat([Version, CommittedAt])
                    .Select(name => $"{name} = EXCLUDED.{name}")
                : registers.Assigned(written, winsTies).Concat(
                [
                    $"{Version} = greatest(t.{Version}, EXCLUDED.{Version})",
                    $"{CommittedAt} = CASE WHEN EXCLUDED.{Version} > t.{Version} THEN EXCLUDED.{CommittedAt} ELSE t.{CommittedAt} END",
                ]);
            return string.Join(", ", assigned.Concat(deleted));
        }
    }

    private string Tombstone(string condition) => $"SELECT FROM {tombstones} x WHERE {staging.Match("x")} AND {condition}";
}
