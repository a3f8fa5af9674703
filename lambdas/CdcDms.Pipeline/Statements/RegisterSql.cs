using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Statements;

/// <summary>
/// The statements' parts for a table in which a column may be of another version than its row's image. Each such column is a register: it
/// takes a value only from above the version that it holds. <see cref="TargetColumns.Registers"/> keeps the versions that differ from the
/// row's.
/// </summary>
/// <param name="columns">The staged columns that are not of the key.</param>
/// <param name="missing">Columns that earlier files had and these have not: these changes say nothing about them.</param>
/// <param name="softDeletes">Whether a delete leaves its row in place, with its values; they are gone when the row lives again.</param>
internal sealed class RegisterSql(IReadOnlyList<StagedColumn> columns, IReadOnlyList<TargetColumn> missing, bool softDeletes)
{
    private static readonly string Version = Sql.Identifier(TargetColumns.Version);
    private static readonly string DeleteVersion = Sql.Identifier(TargetColumns.DeleteVersion);
    private static readonly string Registers = Sql.Identifier(TargetColumns.Registers);

    // A row that was deleted softly shows its last values, and the row that has the key next is another one.
    private static readonly string LivesAgain = $"t.{DeleteVersion} < EXCLUDED.{Version}";

    /// <summary>
    /// A column's value in a row to insert: of a column that the change says nothing about, what the row would have without the column.
    /// </summary>
    public static string InsertedValue(StagedColumn column) =>
        column is { SaidVersion: { } said, Target.Default: not TargetColumn.NoDefault }
            ? $"CASE WHEN {said} IS NOT NULL THEN {StagingSql.Cast(column)} ELSE {column.Target.Default} END"
            : StagingSql.Cast(column);

    /// <summary>
    /// The registers of a row to insert, NULL when all are of its version: columns that the change says nothing about are as if the row had
    /// been deleted before. <c>s</c> is staged, <c>x</c> its key's tombstone, if any.
    /// </summary>
    public string Inserted
    {
        get
        {
            var silent = columns.Where(column => column.NullMayMeanUnchanged)
                .Select(column => $"CASE WHEN NOT s.whole AND s.{column.Name} IS NULL THEN {Sql.Literal(column.Target.To)} END")
                .Concat(missing.Select(column => Sql.Literal(column.To))).ToList();
            return silent.Count == 0 ? "NULL::jsonb"
                : $"(SELECT jsonb_object_agg(r.name, {DeletedVersion}) FROM unnest(ARRAY[{string.Join(", ", silent)}]::text[]) r (name) "
                    + "WHERE r.name IS NOT NULL)";
        }
    }

    /// <summary>The condition under which a change says something about a row <c>t</c> although the row's image is newer.</summary>
    public string SaysMore
    {
        get
        {
            var names = $"ARRAY[{string.Join(", ", columns.Select(column => Sql.Literal(column.Target.To)))}]::text[]";
            return $"t.{Registers} IS NOT NULL AND EXISTS (SELECT FROM unnest({names}) r (name), {ReadOnce} "
                + $"WHERE {HeldAs("EXCLUDED", "r.name")} > {HeldAs("t", "r.name")})";
        }
    }

    /// <summary>
    /// The assignment of all columns in a row that is there: of each the newer value wins, and the registers keep the newer version.
    /// </summary>
    /// <param name="assigned">The columns that the files have and that are written.</param>
    /// <param name="winsTies">Whether a value of the same version wins as well.</param>
    /// <param name="others">Further columns, and what they become.</param>
    public string Joined(IReadOnlyList<TargetColumn> assigned, bool winsTies, IReadOnlyList<(string Name, string Value)> others)
    {
        var held = assigned.Concat(missing).ToList();
        var above = winsTies ? ">=" : ">";
        var places = held.Index().ToDictionary(item => item.Item.To, item => item.Index);
        var versions = Targets.Select(column => (column.To, $"greatest(h.v{places[column.To]}, e.v{places[column.To]})")).ToList();
        List<(string Name, string Value)> all =
        [
            .. assigned.Select((column, place) => (
                Sql.Identifier(column.To),
                $"CASE WHEN e.v{place} {above} h.v{place} THEN EXCLUDED.{Sql.Identifier(column.To)} ELSE {Kept(column)} END")),
            // Of columns that the changes say nothing about, EXCLUDED has the defaults.
            .. softDeletes ? missing.Select(column => (Sql.Identifier(column.To), Kept(column))) : [],
            .. others,
            (Registers, JoinedRegisters(versions)),
        ];
        string Numbered(Func<TargetColumn, string> version) =>
            string.Join(", ", held.Select((column, place) => $"{version(column)} AS v{place}"));
        // What each side holds is computed once for each row: OFFSET 0 keeps PostgreSQL from writing it out wherever it is used.
        return $"({string.Join(", ", all.Select(one => one.Name))}) = (SELECT {string.Join(", ", all.Select(one => one.Value))} "
            + $"FROM (SELECT {Numbered(HeldInRow)} FROM {ReadOnce} OFFSET 0) h, "
            + $"(SELECT {Numbered(column => Held("EXCLUDED", column.To))} OFFSET 0) e)";
    }

    private string Kept(TargetColumn column)
    {
        var name = Sql.Identifier(column.To);
        return softDeletes ? $"CASE WHEN {LivesAgain} THEN EXCLUDED.{name} ELSE t.{name} END" : $"t.{name}";
    }

    // The versions that differ from the row's; NULL when none does.
    private static string JoinedRegisters(List<(string Column, string Version)> held)
    {
        if (held.Count == 0)
            return $"t.{Registers}";
        var values = held.Select(column => $"({Sql.Literal(column.Column)}, {column.Version})");
        return $"CASE WHEN t.{Registers} IS NOT NULL OR EXCLUDED.{Registers} IS NOT NULL THEN ("
            + $"SELECT jsonb_object_agg(r.name, r.held) FILTER (WHERE r.held <> greatest(t.{Version}, EXCLUDED.{Version})) "
            + $"FROM (VALUES {string.Join(", ", values)}) r (name, held)) END";
    }

    // The versions of a row t under the same name, read once: a value that is stored compressed is unpacked wherever it is looked at.
    private string ReadOnce =>
        $"(SELECT t.{Registers} || '{{}}'::jsonb AS {Registers}, t.{Version}{(softDeletes ? $", t.{DeleteVersion}" : "")} OFFSET 0) t";

    /// <summary>
    /// The assignments by which a delete <c>s</c> empties the registers below it of a row <c>t</c> whose image is newer.
    /// </summary>
    public string Emptied =>
        string.Concat(Targets.Select(column => $"{EmptiedColumn(column)}, "))
        + $"{Registers} = (SELECT jsonb_object_agg(r.key, greatest(r.value::numeric, s.version)) FROM jsonb_each_text(t.{Registers}) r)";

    /// <summary>The condition under which a row <c>t</c> has a register that <see cref="Emptied"/> would empty.</summary>
    public static string HasOlder => $"EXISTS (SELECT FROM jsonb_each_text(t.{Registers}) r WHERE r.value::numeric < s.version)";

    private IEnumerable<TargetColumn> Targets => columns.Select(column => column.Target).Concat(missing);

    // A row that is older than a complete generation was deleted there: what it shows is no value that an update could leave. A floor that
    // a proof has raised is just below its generation, and the older rows that are there are right.
    private string HeldInRow(TargetColumn column)
    {
        var cases = (softDeletes ? $"WHEN {LivesAgain} THEN t.{DeleteVersion} " : "")
            + (column.NullMayMeanUnchanged
                ? $"WHEN t.{Version} < $1 AND $1 % {ChangeVersion.FullLoad(1).Value} = 0 THEN -2 " : "");
        return cases.Length == 0 ? Held("t", column.To) : $"CASE {cases}ELSE {Held("t", column.To)} END";
    }

    // As if the row had been inserted without the column.
    private static string EmptiedColumn(TargetColumn column)
    {
        var name = Sql.Identifier(column.To);
        return $"{name} = CASE WHEN {Held("t", column.To)} < s.version THEN ({column.Default}) ELSE t.{name} END";
    }

    /// <summary>
    /// The statement that empties the columns whose NULL may mean "unchanged" where a complete generation is newer than their value; its
    /// full load has the version <c>$1</c>. A row of the full load holds the full load's value there, and any other row was deleted before
    /// it came back. If rows of the full load hold an older value, its files lack that column: then it stays as it is.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <returns>The statement; null when no column is such a register.</returns>
    public static string? EmptiedByGeneration(TargetTable target)
    {
        var columns = target.Columns.Where(column => column.NullMayMeanUnchanged).ToList();
        if (columns.Count == 0)
            return null;
        var name = Sql.Identifier(target.Name);
        // PostgreSQL looks once for the whole statement.
        var ends = columns.Select(column => column.To).Select(column => $"({Held("t", column)} < $1 AND NOT EXISTS ("
            + $"SELECT FROM {name} l WHERE l.{Version} = $1 AND l.{Registers} IS NOT NULL AND {Held("l", column)} < $1))").ToList();
        var values = columns.Zip(ends, (column, end) =>
            $"{Sql.Identifier(column.To)} = CASE WHEN {end} THEN ({column.Default}) ELSE t.{Sql.Identifier(column.To)} END");
        return $"""
            UPDATE {name} t SET {string.Join(", ", values)}
            WHERE t.{Version} >= $1 AND t.{Registers} IS NOT NULL AND ({string.Join(" OR ", ends)})
            """;
    }

    /// <summary>The version of the value that a row holds in a column.</summary>
    private static string Held(string alias, string column) => HeldAs(alias, Sql.Literal(column));

    private static string HeldAs(string alias, string name) =>
        $"coalesce(({alias}.{Registers} -> {name})::numeric, {alias}.{Version})";

    // −1 is below every version, so that the first value that comes is taken. A delete above a soft one's image empties nothing of it.
    private static string DeletedVersion => $"greatest(CASE WHEN x.{Version} < s.version THEN x.{Version} END, -1)";
}
