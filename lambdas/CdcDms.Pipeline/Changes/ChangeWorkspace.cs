using CdcDms.Contract.Lake;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Pipeline.Changes;

/// <summary>A folder of its own for one batch's files and DuckDB's spill, gone when the batch ends.</summary>
internal sealed class ChangeWorkspace : IDisposable
{
    // S3 gives a single connection a fraction of a function's bandwidth.
    private const int ParallelFetches = 4;

    private readonly WorkFolder _folder = WorkFolder.Create();
    private readonly DuckDbDatabase _database;

    public ChangeWorkspace(int memoryMegabytes)
    {
        try
        {
            _database = _folder.OpenDuckDb(memoryMegabytes);
            Connection = _database.Connect();
        }
        catch
        {
            _folder.Dispose();
            throw;
        }
    }

    /// <summary>The connection on which the batch's files are read.</summary>
    public DuckDbConnection Connection { get; }

    /// <summary>Fetches files, several at a time, in their order.</summary>
    public async Task<IReadOnlyList<FetchedFile>> FetchAsync(
        LakeReader lake, IReadOnlyList<LakeObject> objects, CancellationToken cancellationToken)
    {
        var files = objects.Select((wanted, index) => new FetchedFile(wanted, Path.Combine(_folder.Path, $"{index:D6}.parquet"))).ToList();
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelFetches, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            files, options, async (file, token) => await lake.FetchAsync(file.Object.Key, file.Object.ETag, file.Path, token));
        return files;
    }

    /// <summary>
    /// Puts neighbours with the same columns together; groups and files stay in key order. A column that a file does not have must not be
    /// touched by its updates, and one whose type has changed would be made one type by DuckDB, rounding where it must, so such files
    /// cannot share a statement.
    /// </summary>
    /// <param name="files">The files.</param>
    /// <param name="required">Columns that each must have.</param>
    /// <exception cref="RejectedFilesException">Some are no Parquet files, or lack a column.</exception>
    public IReadOnlyList<ShapedFiles> GroupByColumns(IReadOnlyList<FetchedFile> files, IReadOnlyList<string> required)
    {
        var groups = new List<(string Shape, List<FetchedFile> Files)>();
        var rejected = new List<RejectedFile>();
        foreach (var file in files)
        {
            var columns = Columns(file, rejected);
            if (columns is null)
                continue;
            if (Fault([.. columns.Select(column => column.Name)], required) is { } fault)
            {
                rejected.Add(new RejectedFile(file.Object, fault));
                continue;
            }

            var shape = string.Join('\0', columns.Select(column => $"{column.Name}\0{column.Type}").Order(StringComparer.Ordinal));
            if (groups.Count == 0 || groups[^1].Shape != shape)
                groups.Add((shape, []));
            groups[^1].Files.Add(file);
        }

        return rejected.Count == 0 ? [.. groups.Select(group => Shaped(group.Files))] : throw new RejectedFilesException(rejected);
    }

    /// <summary>
    /// What a fault of DuckDB means for the files that it was reading. DuckDB does not always say which file a fault is of, so each is read
    /// alone: those for which that fails are rejected.
    /// </summary>
    public Exception Explain(IReadOnlyList<FetchedFile> files, DuckDbException fault)
    {
        var rejected = new List<RejectedFile>();
        if (!FetchedFile.IsOutOfMemory(fault))
            foreach (var file in files)
                Read(file, $"SELECT max(hash(COLUMNS(*))) FROM {Parquet(file)}", (_, _) => { }, rejected);
        return rejected.Count > 0 ? new RejectedFilesException(rejected) : FetchedFile.Unreadable(files, fault);
    }

    private ShapedFiles Shaped(IReadOnlyList<FetchedFile> files)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        using var described = Connection.Query($"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {Parquet(files[0])})");
        while (described.Next(out var chunk))
            for (var row = 0; row < chunk.Rows; row++)
                types[chunk[0].Text(row)!] = chunk[1].Text(row)!;
        var paths = DuckDbSql.List(files.Select(file => file.Path));
        var bytes = Connection.Count($"SELECT coalesce(sum(total_uncompressed_size), 0)::BIGINT FROM parquet_metadata({paths})");
        var rows = Connection.Count($"SELECT coalesce(sum(num_rows), 0)::BIGINT FROM parquet_file_metadata({paths})");
        return new ShapedFiles(files, types, bytes / Math.Max(rows, 1));
    }

    /// <summary>A file's columns as they stand in its footer; null when the file is rejected.</summary>
    private List<(string Name, string Type)>? Columns(FetchedFile file, List<RejectedFile> rejected)
    {
        var columns = new List<(string Name, string Type)>();
        // The first element is the schema's root; nested fields do not occur in files of DMS.
        var sql = "SELECT name, concat_ws(' ', type, converted_type, logical_type, precision, scale)"
            + $" FROM parquet_schema({DuckDbSql.Literal(file.Path)}) OFFSET 1";
        var isRead = Read(file, sql, (chunk, row) => columns.Add((chunk[0].Text(row) ?? "", chunk[1].Text(row) ?? "")), rejected);
        return isRead ? columns : null;
    }

    /// <summary>Reads one file; rejects it when DuckDB cannot.</summary>
    /// <returns>Whether the file could be read.</returns>
    private bool Read(FetchedFile file, string sql, Action<DuckDbChunk, int> take, List<RejectedFile> rejected)
    {
        try
        {
            using var result = Connection.Query(sql);
            while (result.Next(out var chunk))
                for (var row = 0; row < chunk.Rows; row++)
                    take(chunk, row);
            return true;
        }
        catch (DuckDbException fault) when (!FetchedFile.IsOutOfMemory(fault))
        {
            rejected.Add(new RejectedFile(file.Object, $"it cannot be read ({FetchedFile.Told(fault, file)})"));
            return false;
        }
    }

    private static string Parquet(FetchedFile file) => $"read_parquet({DuckDbSql.Literal(file.Path)}, hive_partitioning = false)";

    private static string? Fault(IReadOnlyList<string> columns, IReadOnlyList<string> required)
    {
        // DuckDB does not tell names apart by case alone, and DMS does not support such tables either (docs/dms-contract.md#source-limits).
        var sameNames = columns.Concat(ChangeQuery.OwnNames)
            .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(names => names.Count() > 1);
        if (sameNames is not null)
            return "it has columns whose names differ only by case, or one with a reserved name "
                + $"({string.Join(", ", sameNames)}); leave one out at the source";
        var missing = required.Where(column => !columns.Contains(column)).ToList();
        return missing.Count > 0
            ? $"the column {string.Join(", ", missing)} is missing; "
                + "the file is not of this table, or the task lacks the setting that adds it"
            : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Connection.Dispose();
        _database.Dispose();
        _folder.Dispose();
    }
}
