using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Statements;

/// <summary>The temporary table that takes a batch's changes, and how the target knows their keys. In statements it is <c>s</c>.</summary>
internal sealed class StagingSql
{
    /// <summary>The staging table's name in statements.</summary>
    public const string Table = "pg_temp.cdc_staging";

    /// <summary>Takes the rows of <see cref="ChangeSet.WriteTo"/>.</summary>
    public const string Copy = $"COPY {Table} FROM STDIN (FORMAT BINARY)";

    /// <summary>Makes room for the next group of files in the same transaction.</summary>
    public const string Drop = $"DROP TABLE {Table}";

    private readonly IReadOnlyList<StagedColumn> _columns;

    /// <param name="target">The target.</param>
    /// <param name="columns">The replicated columns that the files have.</param>
    public StagingSql(TargetTable target, IReadOnlyList<StagedColumn> columns)
    {
        _columns = columns;
        Key = [.. target.Key.Select(key => columns.First(column => column.Target == key))];
    }

    /// <summary>The columns of the target's key, in the key's order.</summary>
    public IReadOnlyList<StagedColumn> Key { get; }

    /// <summary>
    /// Whether keys that differ in the files may be equal in the target: <c>citext</c>, <c>numeric</c>, a text that becomes a uuid.
    /// </summary>
    public bool KeysMayMeet =>
        Key.Any(column => !column.Target.KeyIsPlain || IsParsed(column));

    /// <summary>Creates the staging table, which is dropped when the transaction ends.</summary>
    public string Create =>
        "CREATE TEMP TABLE cdc_staging ("
        + string.Concat(_columns.Select(column => $"{column.Name} {column.PostgresType}, "))
        + string.Concat(Registers.Select(register => $"{register} numeric(35,0), "))
        + "deleted boolean NOT NULL, version numeric(35,0) NOT NULL, committed_at timestamp) ON COMMIT DROP";

    /// <summary>The staging table's columns, in the order of <see cref="Create"/>.</summary>
    public string Names =>
        string.Concat(_columns.Select(column => $"{column.Name}, "))
        + string.Concat(Registers.Select(register => $"{register}, "))
        + "deleted, version, committed_at";

    /// <summary>
    /// Tells the planner how few rows are deleted. Without statistics it expects half of them, and reads a large target wholly for a few.
    /// </summary>
    public string Analyze => $"ANALYZE {Table} ({string.Concat(Key.Select(column => $"{column.Name}, "))}deleted)";

    /// <summary>Reduces again, by the target's equality. Rows affected are superseded.</summary>
    public string Reduce =>
        $"""
        DELETE FROM {Table} s USING (
            SELECT ctid AS place, row_number() OVER (PARTITION BY {Keys} ORDER BY version DESC, deleted DESC) AS rank
            FROM {Table} s) r
        WHERE s.ctid = r.place AND r.rank > 1
        """;

    /// <summary>The key as the target has it, as a JSON object of texts. It fails where the target cannot read a value.</summary>
    public string KeyObject =>
        $"jsonb_build_object({string.Join(", ", Key.Select(column => $"{Sql.Literal(column.Target.To)}, {Cast(column)}::text"))})";

    /// <summary>The key's columns as the target has them.</summary>
    public string Keys => string.Join(", ", Key.Select(Cast));

    /// <summary>The condition under which a row of the target or of its tombstones has the key.</summary>
    public string Match(string other) =>
        string.Join(" AND ", Key.Select(column => $"{other}.{Sql.Identifier(column.Target.To)} = {Cast(column)}"));

    /// <summary>A staged value as the target has it.</summary>
    public static string Cast(StagedColumn column) => $"CAST(s.{column.Name} AS {column.Target.CastType}){column.Target.Collate}";

    private static bool IsParsed(StagedColumn column) =>
        column.PostgresType == "text" && column.Target.Type is not ("text" or "character varying");

    private IEnumerable<string> Registers => _columns.Select(column => column.Register).OfType<string>();
}
