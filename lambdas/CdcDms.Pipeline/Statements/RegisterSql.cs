using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Statements;

/// <summary>
/// The statements' parts for a table in which a column may be of another version than its row's image. Each such column is a register: it
/// takes a value only from above the version that it holds. <see cref="TargetColumns.Registers"/> keeps the versions that differ from the
/// row's, each with the places of its columns. So PostgreSQL compares versions, of which a row has a few, and not columns, of which it may
/// have hundreds.
/// </summary>
/// <param name="columns">The staged columns that are not of the key.</param>
/// <param name="missing">Columns that earlier files had and these have not: these changes say nothing about them.</param>
/// <param name="places">The places of the target's columns.</param>
/// <param name="softDeletes">Whether a delete leaves its row in place, with its values; they are gone when the row lives again.</param>
internal sealed class RegisterSql(
    IReadOnlyList<StagedColumn> columns, IReadOnlyList<TargetColumn> missing, RegisterPlaces places, bool softDeletes)
{
    private static readonly string Version = Sql.Identifier(TargetColumns.Version);
    private static readonly string DeleteVersion = Sql.Identifier(TargetColumns.DeleteVersion);
    private static readonly string Registers = Sql.Identifier(TargetColumns.Registers);

    // What an image carries to its update.
    private const string Taken = "taken";
    private const string Says = "says";
    private const string Kept = "registers";

    /// <summary>Below every version that a row or a change can have.</summary>
    private const int Absent = -3;

    /// <summary>The version of what a complete generation has deleted: below that of a column without a value.</summary>
    private const int Outdated = -2;

    /// <summary>
    /// How many columns one subquery assigns: PostgreSQL looks through its row for each of them, so their cost grows with their square.
    /// </summary>
    private const int AssignedAtOnce = 30;

    /// <summary>The columns that the files have or had before.</summary>
    public IEnumerable<TargetColumn> Targets => columns.Select(column => column.Target).Concat(missing);

    // Whether all of a row has one version, which is below the image's: then the image takes what it tells, and the rest keeps the row's
    // version, without the search through versions that is right for every row.
    private string IsPlain => softDeletes
        ? "false"
        : $"coalesce(t.{Version} < s.version AND t.{Registers} IS NULL AND d.deleted = -1 AND NOT d.is_outdated, false)";

    // Whether image or row have a column of another version than their own.
    private string Differs => $"(c.silent <> {places.None} OR t.{Registers} IS NOT NULL)";

    /// <summary>
    /// What stands behind a staged image <c>s</c> and its tombstone <c>x</c>, if any, in the statement that writes the image: the row
    /// <c>t</c> that has its key, and both joined. <c>$1</c> is the floor.
    /// </summary>
    /// <param name="row">The target, and the condition under which a row <c>t</c> of the target has the image's key.</param>
    /// <param name="winsTies">Whether a value of the same version wins as well.</param>
    public string Joined(string row, bool winsTies)
    {
        var none = places.None;
        var staged = places.Of(columns.Select(column => column.Target.To));
        // What a row has without the column: as if it had been deleted before. −1 is below every version, so that the first value that
        // comes is taken. A delete above a soft one's image empties nothing of it.
        var said = $"SELECT {Silent} AS silent, greatest(CASE WHEN x.{Version} < s.version THEN x.{Version} END, -1) AS deleted, "
            + $"coalesce(t.{Version} < $1 AND $1 % {ChangeVersion.FullLoad(1).Value} = 0, false) AS is_outdated";
        var compared = $"SELECT d.*, {IsPlain} AS is_plain FROM ({said}) d";
        var told = $"{places.Of(Targets.Select(column => column.To))} & ~ c.silent";
        var pairs = $"SELECT greatest(n.version, h.version) AS version, n.places & h.places AS places, "
            + $"n.version {(winsTies ? ">=" : ">")} h.version AS wins, "
            + $"n.version > h.version AND n.places & h.places & {staged} <> {none} AS says "
            + $"FROM (VALUES (s.version, {told}), (c.deleted, c.silent)) n (version, places), ({Held}) h (version, places) "
            + $"WHERE {Differs} AND NOT c.is_plain";
        var versions = "SELECT p.version, bit_or(p.places) AS places, bit_or(p.places) FILTER (WHERE p.wins) AS taken, "
            + $"bool_or(p.says) AS says FROM ({pairs}) p GROUP BY p.version";
        var joined = $"SELECT coalesce(bit_or(v.taken), {none}) AS taken, bool_or(v.says) AS says, jsonb_object_agg(v.version, v.places) "
            + $"FILTER (WHERE v.places <> {none} AND v.version <> greatest(t.{Version}, s.version)) AS registers FROM ({versions}) v "
            + "HAVING NOT c.is_plain";
        var plain = $"SELECT {told} AS taken, {told} & {staged} <> {none} AS says, "
            + $"CASE WHEN c.silent <> {none} THEN jsonb_build_object(t.{Version}, c.silent) END AS registers WHERE c.is_plain";
        // Computed once for each row: OFFSET 0 keeps PostgreSQL from writing them out wherever they are used.
        return $" LEFT JOIN {row} CROSS JOIN LATERAL ({compared} OFFSET 0) c "
            + $"CROSS JOIN LATERAL ({plain} UNION ALL {joined} OFFSET 0) j";
    }

    /// <summary>
    /// A column's value in a row to insert: of a column that the change says nothing about, what the row would have without the column.
    /// </summary>
    public static string Inserted(StagedColumn column) =>
        column is { SaidVersion: { } said, Target.Default: not TargetColumn.NoDefault }
            ? $"CASE WHEN {said} IS NOT NULL THEN {StagingSql.Cast(column)} ELSE {column.Target.Default} END"
            : StagingSql.Cast(column);

    /// <summary>
    /// The registers of a row to insert. Where there is a row, the join goes this way to the assignments of the update: the image is to be
    /// inserted all the same, so that the target refuses the image whether or not an older one was there.
    /// </summary>
    public string InsertedRegisters =>
        $"CASE WHEN t.{Version} IS NULL THEN j.registers "
        + $"WHEN {Differs} THEN jsonb_build_object('{Taken}', j.taken, '{Says}', j.says, '{Kept}', j.registers) END";

    /// <summary>Whether a row that was inserted had been there when it was joined: somebody else has deleted it meanwhile.</summary>
    public static string IsGone => $"coalesce(t.{Registers} ? '{Taken}', false)";

    /// <summary>The condition under which a change says something about a row <c>t</c> although the row's image is newer.</summary>
    public static string SaysMore => $"CAST(EXCLUDED.{Registers} ->> '{Says}' AS boolean)";

    /// <summary>
    /// The assignments of all columns in a row that is there: of each the newer value wins, and the registers keep the newer version.
    /// </summary>
    /// <param name="assigned">The columns that the files have and that are written.</param>
    /// <param name="winsTies">Whether a value of the same version wins as well.</param>
    public IEnumerable<string> Assigned(IEnumerable<TargetColumn> assigned, bool winsTies)
    {
        var taken = $"SELECT coalesce({places.Read($"EXCLUDED.{Registers} ->> '{Taken}'")}, ~ {places.None}) AS taken OFFSET 0";
        // A key that is equal without being the same is of the version of its row.
        string IsTaken(TargetColumn column) => column.IsKey
            ? $"EXCLUDED.{Version} {(winsTies ? ">=" : ">")} t.{Version}"
            : places.Has("j.taken", column.To);
        IEnumerable<(string Name, string Value)> all =
        [
            .. assigned.Select(column => (
                Sql.Identifier(column.To),
                $"CASE WHEN {IsTaken(column)} THEN EXCLUDED.{Sql.Identifier(column.To)} ELSE {KeptValue(column)} END")),
            // Of columns that the changes say nothing about, EXCLUDED has the defaults.
            .. softDeletes ? missing.Select(column => (Sql.Identifier(column.To), KeptValue(column))) : [],
        ];
        return all.Chunk(AssignedAtOnce).Select(some => $"({string.Join(", ", some.Select(one => one.Name))}) = "
            + $"(SELECT {string.Join(", ", some.Select(one => one.Value))} FROM ({taken}) j)")
            .Append($"{Registers} = NULLIF(EXCLUDED.{Registers} -> '{Kept}', 'null')");
    }

    // A row that was deleted softly shows its last values, and the row that has the key next is another one.
    private string KeptValue(TargetColumn column)
    {
        var name = Sql.Identifier(column.To);
        return softDeletes ? $"CASE WHEN {LivesAgain($"EXCLUDED.{Version}")} THEN EXCLUDED.{name} ELSE t.{name} END" : $"t.{name}";
    }

    private static string LivesAgain(string version) => $"t.{DeleteVersion} < {version}";

    // The columns that an image says nothing about.
    private string Silent
    {
        get
        {
            var always = missing.Select(column => column.To).ToHashSet();
            var maybe = columns.Where(column => column.NullMayMeanUnchanged)
                .ToDictionary(column => column.Target.To, column => column.Name);
            if (maybe.Count == 0)
                return places.Of(always);
            var isNull = places.Columns.Select(name =>
                maybe.TryGetValue(name, out var staged) ? $"s.{staged} IS NULL" : always.Contains(name) ? "true" : "false");
            var bits = $"translate(array_to_string(ARRAY[{string.Join(", ", isNull)}], ''), 'tf', '10')";
            return $"CASE WHEN s.whole THEN {places.Of(always)} ELSE {places.Read(bits)} END";
        }
    }

    // The versions of a row, each with its columns. A row that is older than a complete generation was deleted there: what it shows is no
    // value that an update could leave. A floor that a proof has raised is just below its generation, and the older rows that are there
    // are right.
    private string Held
    {
        get
        {
            var kept = $"jsonb_each_text(t.{Registers}) r";
            var held = $"SELECT CAST(r.key AS numeric) AS version, {places.Read("r.value")} AS places FROM {kept} "
                + $"UNION ALL SELECT coalesce(t.{Version}, {Absent}), "
                + $"~ coalesce((SELECT bit_or({places.Read("r.value")}) FROM {kept}), {places.None})";
            var mayBeUnchanged = Targets.Where(column => column.NullMayMeanUnchanged).Select(column => column.To).ToList();
            if (mayBeUnchanged.Count > 0)
            {
                var outdated = softDeletes ? $"c.is_outdated AND ({LivesAgain("s.version")}) IS NOT TRUE" : "c.is_outdated";
                held = $"SELECT a.version, CASE WHEN {outdated} THEN a.places & ~ {places.Of(mayBeUnchanged)} ELSE a.places END AS places "
                    + $"FROM ({held}) a UNION ALL SELECT {Outdated}, {places.Of(mayBeUnchanged)} WHERE {outdated}";
            }

            return softDeletes
                ? $"SELECT CASE WHEN {LivesAgain("s.version")} THEN t.{DeleteVersion} ELSE l.version END, l.places FROM ({held}) l"
                : held;
        }
    }
}
