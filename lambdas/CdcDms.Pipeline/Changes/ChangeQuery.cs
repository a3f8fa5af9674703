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
    private readonly List<TargetColumn> _registers;
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
    /// <param name="readsText">
    /// Whether to look for text that PostgreSQL cannot hold. It costs a look at every value, so only where one was met.
    /// </param>
    public ChangeQuery(ShapedFiles files, ChangeKind kind, TargetTable target, bool readsText)
    {
        var paths = DuckDbSql.List(files.Files.Select(file => file.Path));
        Source = $"read_parquet({paths}, file_row_number = true, hive_partitioning = false)";
        _types = files.Types;
        Columns = [.. target.Columns.Where(column => _types.ContainsKey(column.From))];
        _registers = kind is ChangeKind.Stream ? [.. Columns.Where(column => column.NullMayMeanUnchanged)] : [];
        // As they are staged: keys that differ only in nanoseconds are one row.
        List<string> key = [.. target.Key.Select(Readable)];
        _keys = string.Join(", ", key);
        _operation = kind is ChangeKind.Stream ? DuckDbSql.Identifier(ChangeColumns.Operation) : "'I'";
        _version = ChangeVersionSql.Of(kind, files.Files, _types);
        _committedAt = _types.ContainsKey(ChangeColumns.Timestamp)
            ? $"TRY_CAST({DuckDbSql.Identifier(ChangeColumns.Timestamp)} AS TIMESTAMP)"
            : "NULL::TIMESTAMP";
        var texts = _types.Where(column => readsText && column.Value == "VARCHAR").Select(column => DuckDbSql.Identifier(column.Key));
        _fault = RowFaultSql.Of(kind, key, _operation, _version, [.. texts]);
        _rowsBreakTies = kind is ChangeKind.Feed or ChangeKind.Stream { Ordering: ChangeOrdering.Timestamp };
        _inKeyOrder = !files.AreWide;
    }

    /// <summary>The files' rows.</summary>
    public string Source { get; }

    /// <summary>The replicated columns that the files have, in the order of <see cref="Rows"/>.</summary>
    public IReadOnlyList<TargetColumn> Columns { get; }

    /// <summary>Those columns whose value may be of an older change than the rest of the row.</summary>
    public IReadOnlyList<TargetColumn> Registers => _registers;

    /// <summary>
    /// Counts rows, and rows that cannot be ordered or told apart; then the newest commit time, in microseconds since 1970, and the newest
    /// version.
    /// </summary>
    public string Check =>
        $"SELECT count(*), count({_fault}), epoch_us(max({_committedAt})), max({_version})::VARCHAR FROM {Source}";

    /// <summary>The rows that cannot be ordered or told apart: fault, operation, commit time, and all columns, as text.</summary>
    public string Malformed(int limit)
    {
        var values = string.Join(", ", _types.Keys.Select(AsText));
        return $"SELECT {_fault}, {_operation}::VARCHAR, {_committedAt}::VARCHAR, {values}"
            + $" FROM {Source} WHERE {_fault} IS NOT NULL LIMIT {limit}";
    }

    /// <summary>
    /// From now on, rows that cannot be ordered or told apart are left out. It costs a look at each row, so only where there are some.
    /// </summary>
    public void LeaveFaultsOut() => _leavesFaultsOut = true;

    /// <summary>Notes the last change of each key, and of each register the last change that says something about it.</summary>
    public string Reduce(ChangePart part)
    {
        // At one version a delete wins, then an update: two files with the same change give the same row whichever comes first.
        var rank = _rowsBreakTies
            ? $"row({_version}, {RowId})"
            : $"{_version} * 4 + CASE {_operation} WHEN 'D' THEN 2 WHEN 'U' THEN 1 ELSE 0 END";
        var registers = _registers.Select((column, register) =>
            $", arg_max({RowId}, {rank}) FILTER ({Says(column)}) AS row_{register}"
            + $", max({_version}) FILTER ({Says(column)}) AS version_{register}");
        var winners = $"SELECT arg_max({RowId}, {rank}) AS row_id, count(*) AS changes{string.Concat(registers)}";
        return $"CREATE OR REPLACE TEMP TABLE winners AS {winners} FROM {Source} WHERE {IsIn(part)} GROUP BY {_keys}";
    }

    /// <summary>
    /// The rows to merge, in key order unless they are wide: the columns, the registers' versions, then deleted, version and commit time.
    /// </summary>
    /// <param name="part">Which changes.</param>
    /// <param name="all">True when no row is superseded, so that none needs to be looked up among the winners.</param>
    public string Rows(ChangePart part, bool all)
    {
        if (part is ChangePart.Images && _registers.Count > 0)
            return RowsOfSeveralChanges();
        var columns = string.Join(", ", Columns.Select(Readable));
        var versions = string.Concat(_registers.Select(_ => "NULL::HUGEINT, "));
        var wanted = all ? IsIn(part) : $"{RowId} IN (SELECT row_id FROM winners)";
        return $"SELECT {columns}, {versions}{DeletedVersionAndTime} FROM {Source} WHERE {wanted}{InOrderOf(_keys)}";
    }

    /// <summary>A column as <see cref="StagedType"/> knows it.</summary>
    public string Readable(TargetColumn column) => StagedType.Readable(DuckDbSql.Identifier(column.From), _types[column.From]);

    /// <summary>A column's place among the <see cref="Registers"/>; null when it is none of them.</summary>
    public int? RegisterOf(TargetColumn column)
    {
        var register = _registers.IndexOf(column);
        return register < 0 ? null : register;
    }

    private string DeletedVersionAndTime => $"{_operation} = 'D' AS deleted, {_version} AS version, {_committedAt} AS committed_at";

    /// <summary>
    /// Rows whose registers may be of older changes: w is a key's winners, s its last row, and r0, r1, … the older rows of its registers.
    /// </summary>
    private string RowsOfSeveralChanges()
    {
        var values = Columns.Select((column, index) => RegisterOf(column) is { } register
            ? $"CASE WHEN w.row_{register} = w.row_id THEN s.c{index} ELSE r{register}.value END"
            : $"s.c{index}");
        var versions = string.Concat(_registers.Select((_, register) => $"w.version_{register}, "));
        var columns = string.Join(", ", Columns.Select((column, index) => $"{Readable(column)} AS c{index}"));
        var last = $"SELECT {RowId} AS id, {columns}, {DeletedVersionAndTime} FROM {Source} WHERE {RowId} IN (SELECT row_id FROM winners)";
        var keys = Columns.Index().Where(column => column.Item.IsKey).Select(column => $"s.c{column.Index}");
        return $"SELECT {string.Join(", ", values)}, {versions}s.deleted, s.version, s.committed_at"
            + $" FROM ({last}) s JOIN winners w ON w.row_id = s.id"
            + $"{string.Concat(_registers.Select(JoinOlderRow))}{InOrderOf(string.Join(", ", keys))}";
    }

    private string JoinOlderRow(TargetColumn column, int register)
    {
        var older = $"SELECT row_{register} FROM winners WHERE row_{register} <> row_id";
        var rows = $"SELECT {RowId} AS id, {Readable(column)} AS value FROM {Source} WHERE {RowId} IN ({older})";
        return $" LEFT JOIN ({rows}) r{register} ON r{register}.id = w.row_{register}";
    }

    // Zero bytes are shown, since neither text nor JSON of PostgreSQL can hold them.
    private static string AsText(string column) => $"replace({DuckDbSql.Identifier(column)}::VARCHAR, chr(0), '␀')";

    private string Says(TargetColumn column) => $"WHERE {_operation} = 'I' OR {DuckDbSql.Identifier(column.From)} IS NOT NULL";

    private string InOrderOf(string keys) => _inKeyOrder ? $" ORDER BY {keys}" : "";

    private string IsIn(ChangePart part) => (_leavesFaultsOut ? $"{_fault} IS NULL" : "true") + part switch
    {
        ChangePart.Deletes => $" AND {_operation} = 'D'",
        ChangePart.Images => $" AND {_operation} <> 'D'",
        _ => "",
    };
}
