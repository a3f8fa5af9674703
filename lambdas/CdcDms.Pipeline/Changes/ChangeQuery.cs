using CdcDms.Contract;
using CdcDms.Contract.Versions;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Copying;
using CdcDms.Pipeline.Target;

namespace CdcDms.Pipeline.Changes;

/// <summary>The statements by which DuckDB reads, checks, orders and reduces the change files of one batch.</summary>
internal sealed class ChangeQuery
{
    /// <summary>Rows that <see cref="Reduce"/> found to be followed by a later change of their key.</summary>
    public const string CountSuperseded = "SELECT coalesce(sum(changes - 1), 0)::BIGINT FROM winners";

    /// <summary>Names by which DuckDB tells where a row stands; no column of a file may have them.</summary>
    public static readonly IReadOnlyList<string> OwnNames = ["file_index", "file_row_number"];

    // File and place in it: 24 bits of files, 39 of rows.
    private const string RowId = "((file_index::BIGINT << 39) | file_row_number)";

    private readonly string _files;
    private readonly string _source;
    private readonly string _keys;
    private readonly string _operation;
    private readonly string _version;
    private readonly string _committedAt;
    private readonly Dictionary<string, string> _types;

    private ChangeQuery(IReadOnlyList<FetchedFile> files, ChangeKind kind, TargetTable target, Dictionary<string, string> types)
    {
        _types = types;
        _files = files.Count == 1 ? files[0].Object.Key : $"{files.Count} files from {files[0].Object.Key} to {files[^1].Object.Key}";
        _source = Source(files);
        Columns = [.. target.Columns.Where(column => types.ContainsKey(column.From))];
        RefuseUnknown(target);
        Require(target.Key.Select(column => column.From));
        _keys = string.Join(", ", target.Key.Select(column => DuckDbSql.Identifier(column.From)));
        _committedAt = types.ContainsKey(ChangeColumns.Timestamp) ? $"TRY_CAST({DuckDbSql.Identifier(ChangeColumns.Timestamp)} AS TIMESTAMP)" : "NULL::TIMESTAMP";
        if (kind is ChangeKind.Stream)
            Require([ChangeColumns.Operation, ChangeColumns.Version]);
        (_operation, _version) = kind switch
        {
            ChangeKind.Stream => (DuckDbSql.Identifier(ChangeColumns.Operation), $"{DuckDbSql.Identifier(ChangeColumns.Version)}::HUGEINT"),
            ChangeKind.Generation generation => ("'I'", $"{generation.Version}::HUGEINT"),
            _ => ("'I'", "0::HUGEINT"),
        };
        Check = $"""
            SELECT count(*),
                   count(*) FILTER (WHERE {string.Join(" OR ", target.Key.Select(column => $"{DuckDbSql.Identifier(column.From)} IS NULL"))}),
                   count(*) FILTER (WHERE {(kind is ChangeKind.Stream ? $"NOT coalesce(regexp_full_match({DuckDbSql.Identifier(ChangeColumns.Version)}, '[0-9]{{{ChangeVersion.Digits}}}'), false)" : "false")}),
                   count(*) FILTER (WHERE coalesce({_operation}, '') NOT IN ('I', 'U', 'D')),
                   epoch_us(max({_committedAt}))
            FROM {_source}
            """;
        // At one version a delete wins, then an update: two files with the same change give the same row whichever comes first.
        var rank = $"{_version} * 4 + CASE {_operation} WHEN 'D' THEN 2 WHEN 'U' THEN 1 ELSE 0 END";
        Reduce = $"CREATE OR REPLACE TEMP TABLE winners AS SELECT arg_max({RowId}, {rank}) AS row_id, count(*) AS changes FROM {_source} GROUP BY {_keys}";
    }

    /// <summary>The replicated columns that the files have, in the order of <see cref="Rows"/>.</summary>
    public IReadOnlyList<TargetColumn> Columns { get; }

    /// <summary>Counts rows, and rows without key, version or known operation; then the newest commit time, in microseconds since 1970.</summary>
    public string Check { get; }

    /// <summary>Notes the last change of each key.</summary>
    public string Reduce { get; }

    /// <summary>Builds the statements for files that all have the same columns.</summary>
    /// <exception cref="CdcDmsException">The files lack a column that they must have.</exception>
    public static ChangeQuery Of(DuckDbConnection duckDb, IReadOnlyList<FetchedFile> files, ChangeKind kind, TargetTable target)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        using var described = duckDb.Query($"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {Source(files)})");
        while (described.Next(out var chunk))
            for (var row = 0; row < chunk.Rows; row++)
                types[chunk[0].Text(row)!] = chunk[1].Text(row)!;
        return new ChangeQuery(files, kind, target, types);
    }

    /// <summary>The rows to merge, in key order.</summary>
    /// <param name="all">True when no row is superseded, so that none needs to be looked up among the winners.</param>
    public string Rows(bool all)
    {
        var columns = Columns.Select(column => StagedType.Readable(DuckDbSql.Identifier(column.From), _types[column.From]));
        var winners = all ? "" : $" WHERE {RowId} IN (SELECT row_id FROM winners)";
        return $"SELECT {string.Join(", ", columns)}, {_operation} = 'D', {_version}, {_committedAt} FROM {_source}{winners} ORDER BY {_keys}";
    }

    /// <summary>How a column of <see cref="Rows"/> crosses into the staging table.</summary>
    /// <exception cref="CdcDmsException">It is of no type that DMS writes.</exception>
    public StagedType Staged(DuckDbColumn column) =>
        StagedType.Of(column) ?? throw Bad($"the column {column.Name} has the Parquet type {column.Type}, which DMS does not write");

    /// <summary>Refuses rows that could not be ordered or told apart.</summary>
    /// <exception cref="CdcDmsException">At least one count is not zero.</exception>
    public void RefuseBadRows(long keyless, long unversioned, long unknown)
    {
        if (keyless > 0)
            throw Bad($"{keyless} rows have NULL in their key ({_keys}); check the key of the table's definition");
        if (unversioned > 0)
            throw Bad($"{unversioned} rows have no change version of {ChangeVersion.Digits} digits in {ChangeColumns.Version}; check the task's mapping rule for it");
        if (unknown > 0)
            throw Bad($"{unknown} rows have an {ChangeColumns.Operation} other than I, U and D");
    }

    private static string Source(IReadOnlyList<FetchedFile> files) =>
        $"read_parquet({DuckDbSql.List(files.Select(file => file.Path))}, union_by_name = true, file_row_number = true, hive_partitioning = false)";

    private void Require(IEnumerable<string> columns)
    {
        var missing = columns.Where(column => !_types.ContainsKey(column)).ToList();
        if (missing.Count > 0)
            throw Bad($"the column {string.Join(", ", missing)} is missing; the file is not of this table, or the task lacks the setting that adds it");
    }

    private void RefuseUnknown(TargetTable target)
    {
        if (target.OnlyListedColumns)
            return;
        var unknown = _types.Keys.Where(name => !ChangeColumns.Contains(name) && !OwnNames.Contains(name) && !target.KnownNames.Contains(name)).ToList();
        if (unknown.Count > 0)
            throw Bad($"the target {target.Name} has no column {string.Join(", ", unknown)}; add it, or list the wanted columns in the table's definition");
    }

    private CdcDmsException Bad(string why) => new(ErrorKind.BadData, $"{_files}: {why}.");
}
