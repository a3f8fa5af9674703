using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Changes;

/// <summary>The statements by which DuckDB reads, checks, orders and reduces change files that have the same columns.</summary>
internal sealed class ChangeQuery
{
    /// <summary>Rows that <see cref="Reduce"/> has left.</summary>
    public const string CountKept = "SELECT count(*) FROM winners";

    /// <summary>Rows that <see cref="Reduce"/> found to be followed by a later change of their key.</summary>
    public const string CountSuperseded = "SELECT coalesce(sum(changes - 1), 0)::BIGINT FROM winners";

    /// <summary>Names by which DuckDB tells where a row stands; no column of a file may have them.</summary>
    public static readonly IReadOnlyList<string> OwnNames = ["file_index", ChangeVersionSql.RowNumber];

    // File and place in it: 24 bits of files, 39 of rows.
    private const string RowId = $"((file_index::BIGINT << 39) | {ChangeVersionSql.RowNumber})";

    private readonly IReadOnlyDictionary<string, string> _types;
    private readonly string _source;
    private readonly string _keys;
    private readonly string _operation;
    private readonly string _version;
    private readonly string _committedAt;
    private readonly string _fault;
    private readonly bool _rowsBreakTies;
    private readonly bool _inKeyOrder;
    private bool _leavesFaultsOut;

    /// <param name="files">The files.</param>
    /// <param name="kind">What their rows are.</param>
    /// <param name="target">The table that they go to.</param>
    /// <param name="readsText">Whether to look for text that PostgreSQL cannot hold. It costs a look at every value, so only where one was met.</param>
    public ChangeQuery(ShapedFiles files, ChangeKind kind, TargetTable target, bool readsText)
    {
        _types = files.Types;
        _source = $"read_parquet({DuckDbSql.List(files.Files.Select(file => file.Path))}, union_by_name = true, file_row_number = true, hive_partitioning = false)";
        _keys = string.Join(", ", target.Key.Select(column => DuckDbSql.Identifier(column.From)));
        _operation = kind is ChangeKind.Stream ? DuckDbSql.Identifier(ChangeColumns.Operation) : "'I'";
        _version = ChangeVersionSql.Of(kind, files.Files, files.Types);
        _committedAt = _types.ContainsKey(ChangeColumns.Timestamp) ? $"TRY_CAST({DuckDbSql.Identifier(ChangeColumns.Timestamp)} AS TIMESTAMP)" : "NULL::TIMESTAMP";
        _rowsBreakTies = kind is ChangeKind.Feed or ChangeKind.Stream { Ordering: ChangeOrdering.Timestamp };
        _inKeyOrder = !files.AreWide;
        Columns = [.. target.Columns.Where(column => _types.ContainsKey(column.From))];
        Registers = kind is ChangeKind.Stream ? [.. Columns.Where(column => column.NullMayMeanUnchanged)] : [];
        _fault = $"CASE WHEN {string.Join(" OR ", target.Key.Select(column => $"{DuckDbSql.Identifier(column.From)} IS NULL"))} THEN {DuckDbSql.Literal($"its key ({_keys}) has a NULL")}"
            + $" WHEN {ChangeVersionSql.IsMissing(kind, _version)} THEN {DuckDbSql.Literal(Unversioned(kind))}"
            + $" WHEN coalesce({_operation}, '') NOT IN ('I', 'U', 'D') THEN {DuckDbSql.Literal($"its {ChangeColumns.Operation} is none of I, U and D")}"
            + (readsText && TextColumns.Any() ? $" WHEN {string.Join(" OR ", TextColumns.Select(text => $"contains({text}, chr(0))"))} THEN 'a text has a zero byte, which PostgreSQL cannot hold'" : "")
            + " END";
    }

    /// <summary>The files' rows.</summary>
    public string Source => _source;

    /// <summary>The replicated columns that the files have, in the order of <see cref="Rows"/>.</summary>
    public IReadOnlyList<TargetColumn> Columns { get; }

    /// <summary>Those of them whose value may be of an older change than the rest of the row.</summary>
    public IReadOnlyList<TargetColumn> Registers { get; }

    /// <summary>Counts rows, and rows that cannot be ordered or told apart; then the newest commit time, in microseconds since 1970, and the newest version.</summary>
    public string Check => $"SELECT count(*), count({_fault}), epoch_us(max({_committedAt})), max({_version})::VARCHAR FROM {_source}";

    /// <summary>The rows that cannot be ordered or told apart: fault, operation, commit time, and all columns, as text.</summary>
    public string Malformed(int limit) =>
        $"SELECT {_fault}, {_operation}::VARCHAR, {_committedAt}::VARCHAR, {string.Join(", ", _types.Keys.Select(AsText))} FROM {_source} WHERE {_fault} IS NOT NULL LIMIT {limit}";

    /// <summary>From now on, rows that cannot be ordered or told apart are left out. It costs a look at each row, so only where there are some.</summary>
    public void LeaveFaultsOut() => _leavesFaultsOut = true;

    /// <summary>The names of all columns, in the order of <see cref="Malformed"/>.</summary>
    public IEnumerable<string> AllColumns => _types.Keys;

    /// <summary>Notes the last change of each key, and of each register the last change that says something about it.</summary>
    public string Reduce(ChangePart part)
    {
        // At one version a delete wins, then an update: two files with the same change give the same row whichever comes first.
        var rank = _rowsBreakTies ? $"row({_version}, {RowId})" : $"{_version} * 4 + CASE {_operation} WHEN 'D' THEN 2 WHEN 'U' THEN 1 ELSE 0 END";
        var registers = Registers.Select((column, index) =>
            $", arg_max({RowId}, {rank}) FILTER ({Says(column)}) AS row_{index}, max({_version}) FILTER ({Says(column)}) AS version_{index}");
        return $"CREATE OR REPLACE TEMP TABLE winners AS SELECT arg_max({RowId}, {rank}) AS row_id, count(*) AS changes{string.Concat(registers)} FROM {_source} WHERE {Of(part)} GROUP BY {_keys}";
    }

    /// <summary>The rows to merge, in key order unless they are wide: the columns, the registers' versions, then deleted, version and commit time.</summary>
    /// <param name="part">Which changes.</param>
    /// <param name="all">True when no row is superseded, so that none needs to be looked up among the winners.</param>
    public string Rows(ChangePart part, bool all)
    {
        var own = $"{_operation} = 'D' AS deleted, {_version} AS version, {_committedAt} AS committed_at";
        if (part is not ChangePart.Images || Registers.Count == 0)
            return $"SELECT {string.Join(", ", Columns.Select(Readable))}, {string.Concat(Registers.Select(_ => "NULL::HUGEINT, "))}{own} FROM {_source} WHERE {(all ? Of(part) : $"{RowId} IN (SELECT row_id FROM winners)")}{Ordered(_keys)}";

        var values = Columns.Select((column, index) => Registers.ToList().IndexOf(column) is var register and >= 0
            ? $"CASE WHEN w.row_{register} = w.row_id THEN s.c{index} ELSE r{register}.value END"
            : $"s.c{index}");
        var older = Registers.Select((column, index) =>
            $" LEFT JOIN (SELECT {RowId} AS id, {Readable(column)} AS value FROM {_source} WHERE {RowId} IN (SELECT row_{index} FROM winners WHERE row_{index} <> row_id)) r{index} ON r{index}.id = w.row_{index}");
        return $"SELECT {string.Join(", ", values)}, {string.Concat(Registers.Select((_, index) => $"w.version_{index}, "))}s.deleted, s.version, s.committed_at"
            + $" FROM (SELECT {RowId} AS id, {string.Join(", ", Columns.Select((column, index) => $"{Readable(column)} AS c{index}"))}, {own} FROM {_source} WHERE {RowId} IN (SELECT row_id FROM winners)) s"
            + $" JOIN winners w ON w.row_id = s.id{string.Concat(older)}{Ordered(string.Join(", ", Columns.Index().Where(column => column.Item.IsKey).Select(column => $"s.c{column.Index}")))}";
    }

    private IEnumerable<string> TextColumns => _types.Where(column => column.Value == "VARCHAR").Select(column => DuckDbSql.Identifier(column.Key));

    /// <summary>A column as <see cref="StagedType"/> knows it.</summary>
    public string Readable(TargetColumn column) => StagedType.Readable(DuckDbSql.Identifier(column.From), _types[column.From]);

    // Zero bytes are shown, since neither text nor JSON of PostgreSQL can hold them.
    private static string AsText(string column) => $"replace({DuckDbSql.Identifier(column)}::VARCHAR, chr(0), '␀')";

    private static string Unversioned(ChangeKind kind) => kind switch
    {
        ChangeKind.Stream { Ordering: ChangeOrdering.Timestamp } => $"its {ChangeColumns.Timestamp} is no time",
        ChangeKind.Feed feed => $"its {feed.OrderBy} is NULL",
        _ => $"its {ChangeColumns.Version} is no change version of {ChangeVersion.Digits} digits; check the task's mapping rule for it",
    };

    private string Says(TargetColumn column) => $"WHERE {_operation} = 'I' OR {DuckDbSql.Identifier(column.From)} IS NOT NULL";

    private string Ordered(string keys) => _inKeyOrder ? $" ORDER BY {keys}" : "";

    private string Of(ChangePart part) => (_leavesFaultsOut ? $"{_fault} IS NULL" : "true") + part switch
    {
        ChangePart.Deletes => $" AND {_operation} = 'D'",
        ChangePart.Images => $" AND {_operation} <> 'D'",
        _ => "",
    };
}
