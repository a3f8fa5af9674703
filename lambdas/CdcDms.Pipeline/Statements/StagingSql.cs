using System.Globalization;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Statements;

/// <summary>Which changes a staging table takes.</summary>
/// <param name="IsNumbered">Whether each comes with its place in the files, so that it can be found there again.</param>
/// <param name="IsOfMoves">Whether they are deletes of old keys, each with the key that its row has now.</param>
/// <param name="WinsTies">Whether an image takes the place of one of the same version: it came later.</param>
internal readonly record struct StagingForm(bool IsNumbered, bool IsOfMoves = false, bool WinsTies = false);

/// <summary>The temporary table that takes a batch's changes, and how the target knows their keys. In statements it is <c>s</c>.</summary>
internal sealed class StagingSql
{
    /// <summary>The staging table's name in statements.</summary>
    public const string Table = "pg_temp.cdc_staging";

    /// <summary>Takes the rows of <see cref="ChangeSet.WriteTo"/>.</summary>
    public const string Copy = $"COPY {Table} FROM STDIN (FORMAT BINARY)";

    /// <summary>Makes room for other changes of the same form.</summary>
    public const string Empty = $"TRUNCATE {Table}";

    /// <summary>Makes room for the next group of files in the same transaction.</summary>
    public const string Drop = $"DROP TABLE {Table}";

    private const string NewestFirst = "ORDER BY version DESC, deleted DESC";

    private readonly IReadOnlyList<(string Name, string Type)> _columns;
    private readonly bool _isOfMoves;

    /// <param name="target">The target.</param>
    /// <param name="columns">The replicated columns that the files have; of moves, those of the key.</param>
    /// <param name="form">Which changes it takes.</param>
    public StagingSql(TargetTable target, IReadOnlyList<StagedColumn> columns, StagingForm form)
    {
        Key = [.. target.Key.Select(key => columns.First(column => column.Target == key))];
        _isOfMoves = form.IsOfMoves;
        var sameKey = string.Join(" AND ", target.Key.Select(key => Sql.Identifier(key.To)).Select(name => $"o.{name} = t.{name}"));
        IsNew = target.IsPartitioned ? $"NOT EXISTS (SELECT FROM {Sql.Identifier(target.Name)} o WHERE {sameKey})" : "t.xmax = 0";
        _columns =
        [
            .. columns.Select(column => (column.Name, column.PostgresType)),
            .. form.IsOfMoves ? columns.Select(column => (column.NewName, column.PostgresType)) : [],
            .. target.HasRegisters ? new[] { ("whole", "boolean") } : [],
            ("deleted", "boolean NOT NULL"), ("version", "numeric(38,0) NOT NULL"), ("committed_at", "timestamp"),
            .. form.IsNumbered ? new[] { ("row_id", "bigint") } : [],
        ];
    }

    /// <summary>The columns of the target's key, in the key's order.</summary>
    public IReadOnlyList<StagedColumn> Key { get; }

    /// <summary>
    /// Whether a row <c>t</c> that a statement returns was not there before. One that went into a partition has no system columns then;
    /// that the statement itself does not see it takes a look at the index.
    /// </summary>
    public string IsNew { get; }

    /// <summary>
    /// Whether keys that differ in the files may be equal in the target: <c>citext</c>, <c>numeric</c>, a text that becomes a uuid.
    /// </summary>
    public bool KeysMayMeet =>
        Key.Any(column => !column.Target.KeyIsPlain || IsParsed(column) || IsCut(column));

    /// <summary>Creates the staging table, which is dropped when the transaction ends.</summary>
    public string Create =>
        $"CREATE TEMP TABLE cdc_staging ({string.Join(", ", _columns.Select(column => $"{column.Name} {column.Type}"))}) ON COMMIT DROP";

    /// <summary>The staging table's columns, in the order of <see cref="Create"/>.</summary>
    public string Names => string.Join(", ", _columns.Select(column => column.Name));

    /// <summary>
    /// Tells the planner how few rows are deleted. Without statistics it expects half of them, and reads a large target wholly for a few.
    /// 3,000 rows, the sample of this target, tell that as well as ten times as many.
    /// </summary>
    public string Analyze => "SET LOCAL default_statistics_target = 10; "
        + $"ANALYZE {Table} ({string.Concat(Key.Select(column => $"{column.Name}, "))}deleted)";

    /// <summary>Reduces again, by the target's equality. Rows affected are superseded.</summary>
    public string Reduce =>
        $"""
        DELETE FROM {Table} s USING (
            SELECT ctid AS place, row_number() OVER (PARTITION BY {Keys} {NewestFirst}) AS rank
            FROM {Table} s) r
        WHERE s.ctid = r.place AND r.rank > 1
        """;

    /// <summary>
    /// Removes the moves to a key that the target holds equal to the old one: that row stays where it is. Null where no keys meet.
    /// </summary>
    public string? DropMovesInPlace => !_isOfMoves || !KeysMayMeet
        ? null
        : $"DELETE FROM {Table} s WHERE {string.Join(" AND ", Key.Select(column => $"{Cast(column)} = {Cast(column, column.NewName)}"))}";

    /// <summary>
    /// Sorts changes of one key, by the target's equality, into layers: the newest of each key, the next one, and so on.
    /// </summary>
    public string SplitIntoLayers =>
        "CREATE TEMP TABLE cdc_layers ON COMMIT DROP AS "
        + $"SELECT s.*, row_number() OVER (PARTITION BY {Keys} {NewestFirst}) AS layer FROM {Table} s";

    /// <summary>Whether there is more than one layer.</summary>
    public string HasLayers => $"SELECT EXISTS (SELECT FROM {Table} s GROUP BY {Keys} HAVING count(*) > 1)";

    /// <summary>How many layers there are.</summary>
    public const string CountLayers = "SELECT coalesce(max(layer), 0) FROM pg_temp.cdc_layers";

    /// <summary>Ends the layers.</summary>
    public const string DropLayers = "DROP TABLE pg_temp.cdc_layers";

    /// <summary>Stages one layer in place of all of them. Rows affected are staged.</summary>
    public string StageLayer(long layer) =>
        $"INSERT INTO {Table} ({Names}) SELECT {Names} FROM pg_temp.cdc_layers WHERE layer = {layer}";

    /// <summary>The key as the target has it, as a JSON object of texts. It fails where the target cannot read a value.</summary>
    public string KeyObject =>
        $"jsonb_build_object({string.Join(", ", Key.Select(column => $"{Sql.Literal(column.Target.To)}, {Cast(column)}::text"))})";

    /// <summary>
    /// Some keys, as <see cref="KeyObject"/>, out of blocks that PostgreSQL chooses by chance: of a large table it reads these alone.
    /// </summary>
    /// <param name="keys">How many.</param>
    /// <param name="staged">How many rows are staged.</param>
    public string Sample(int keys, long staged) =>
        $"SELECT {KeyObject} AS key FROM {Table} AS s TABLESAMPLE SYSTEM ({Percent(keys, staged)}) LIMIT {keys}";

    /// <summary>Of a hundred blocks, so many as have some of all rows; a few more, since they differ in how many rows they have.</summary>
    public static string Percent(int some, long rows) =>
        Math.Min(100, 200.0 * some / Math.Max(1, rows) + 0.01).ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>The key's columns as the target has them.</summary>
    public string Keys => string.Join(", ", Key.Select(Cast));

    /// <summary>The condition under which a row of the target or of its tombstones has the key.</summary>
    public string Match(string other) =>
        string.Join(" AND ", Key.Select(column => $"{other}.{Sql.Identifier(column.Target.To)} = {Cast(column)}"));

    /// <summary>A staged value as the target has it.</summary>
    public static string Cast(StagedColumn column) => Cast(column, column.Name);

    private static string Cast(StagedColumn column, string name)
    {
        var cast = $"CAST(s.{name} AS {column.Target.CastType})";
        if (column.PostgresType != "text" || column.Target.CastType is not ("name" or "\"char\"" or "name[]" or "\"char\"[]"))
            return cast + column.Target.Collate;
        // A cast to these cuts what is too long, where all other types refuse. No number is read from the words, so they are the error.
        var text = column.Target.CastType.EndsWith("[]", StringComparison.Ordinal) ? "text[]" : "text";
        var refusal = $"CAST('cut by {column.Target.CastType.Trim('"')}: ' || s.{name} AS integer)";
        var refused = $"CAST({refusal}::text AS {column.Target.CastType})";
        return $"CASE WHEN {cast}::{text} = CAST(s.{name} AS {text}) THEN {cast} ELSE {refused} END{column.Target.Collate}";
    }

    // As the definition may want it: the days of times, the integers of numbers.
    private static bool IsCut(StagedColumn column) => (column.PostgresType, column.Target.Type) is
        ("timestamp" or "timestamptz", "date")
        or ("real" or "double precision" or "numeric", "smallint" or "integer" or "bigint")
        or (not "boolean", "boolean");

    private static bool IsParsed(StagedColumn column) =>
        column.PostgresType == "text" && column.Target.Type is not ("text" or "character varying");
}
