using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Pipeline.Changes;

/// <summary>A folder of its own for one batch's files and DuckDB's spill, gone when the batch ends.</summary>
internal sealed class ChangeWorkspace : IDisposable
{
    // S3 gives a single connection a fraction of a function's bandwidth.
    private const int ParallelFetches = 4;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cdcdms-merge-");
    private readonly DuckDbDatabase _database;

    public ChangeWorkspace(int memoryMegabytes)
    {
        try
        {
            var spill = _folder.CreateSubdirectory("spill").FullName;
            _database = DuckDbDatabase.Open(new DuckDbOptions { SpillDirectory = spill, MemoryMegabytes = memoryMegabytes });
            Connection = _database.Connect();
        }
        catch
        {
            _folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>The connection on which the batch's files are read.</summary>
    public DuckDbConnection Connection { get; }

    /// <summary>Fetches files, several at a time, in their order.</summary>
    public async Task<IReadOnlyList<FetchedFile>> FetchAsync(LakeReader lake, IReadOnlyList<LakeObject> objects, CancellationToken cancellation)
    {
        var files = objects.Select((wanted, index) => new FetchedFile(wanted, Path.Combine(_folder.FullName, $"{index:D6}.parquet"))).ToList();
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelFetches, CancellationToken = cancellation };
        await Parallel.ForEachAsync(
            files, options, async (file, token) => await lake.FetchAsync(file.Object.Key, file.Object.ETag, file.Path, token));
        return files;
    }

    /// <summary>
    /// Puts neighbours with the same columns together; groups and files stay in key order, so that a column which comes and goes keeps
    /// its last value. A column that a file does not have must not be touched by its updates, and one whose type has changed would be
    /// made one type by DuckDB, rounding where it must, so such files cannot share a statement.
    /// </summary>
    /// <exception cref="CdcDmsException">A file is no Parquet file.</exception>
    public IReadOnlyList<IReadOnlyList<FetchedFile>> GroupByColumns(IReadOnlyList<FetchedFile> files)
    {
        var groups = new List<List<FetchedFile>>();
        string? last = null;
        foreach (var file in files)
        {
            var columns = string.Join('\0', Columns(file).Select(column => $"{column.Name}\0{column.Type}").Order(StringComparer.Ordinal));
            if (columns != last)
                groups.Add([]);
            groups[^1].Add(file);
            last = columns;
        }

        return groups;
    }

    private List<(string Name, string Type)> Columns(FetchedFile file)
    {
        try
        {
            // The first element is the schema's root; nested fields do not occur in files of DMS.
            using var result = Connection.Query(
                $"SELECT name, concat_ws(' ', type, converted_type, logical_type, precision, scale) FROM parquet_schema({DuckDbSql.Literal(file.Path)}) OFFSET 1");
            var columns = new List<(string Name, string Type)>();
            while (result.Next(out var chunk))
                for (var row = 0; row < chunk.Rows; row++)
                    columns.Add((chunk[0].Text(row) ?? "", chunk[1].Text(row) ?? ""));
            RefuseAmbiguous(columns.Select(column => column.Name), file);
            return columns;
        }
        catch (DuckDbException fault)
        {
            throw FetchedFile.Unreadable([file], fault);
        }
    }

    /// <summary>DuckDB does not tell names apart by case alone, and DMS does not support such tables either (contract 3.5).</summary>
    private static void RefuseAmbiguous(IEnumerable<string> names, FetchedFile file)
    {
        if (names.Concat(ChangeQuery.OwnNames).GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } same)
            throw new CdcDmsException(
                ErrorKind.BadData, $"{file.Object.Key} has columns whose names differ only by case, or one with a reserved name ({string.Join(", ", same)}); leave one out at the source.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Connection.Dispose();
        _database.Dispose();
        _folder.Delete(recursive: true);
    }
}
