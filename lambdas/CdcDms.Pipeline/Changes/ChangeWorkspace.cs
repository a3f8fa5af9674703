using CdcDms.Contract.Lake;
using CdcDms.DuckDb;
using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Pipeline.Changes;

/// <summary>A folder of its own for one batch's files and DuckDB's spill, gone when the batch ends.</summary>
internal sealed class ChangeWorkspace : IDisposable
{
    // What of DuckDB's parquet_schema tells two types of one name apart.
    private const string ColumnForm =
        "concat_ws(' ', type, if(repetition_type = 'REPEATED', 'list', NULL), num_children,"
        + " converted_type, logical_type, precision, scale)";

    private readonly WorkFolder _folder = WorkFolder.Create();
    private readonly LentDuckDb _duckDb;
    private int _fetched;

    public ChangeWorkspace(int memoryMegabytes)
    {
        try
        {
            _duckDb = LentDuckDb.Take(_folder, memoryMegabytes);
            HeldBytes = ((long)memoryMegabytes << 20) / 4;
        }
        catch
        {
            _folder.Dispose();
            throw;
        }
    }

    /// <summary>The connection on which the batch's files are read.</summary>
    public DuckDbConnection Connection => _duckDb.Connection;

    /// <summary>
    /// Bytes of rows that are held in memory, beside what it takes to reduce and to order them. Default: a quarter of the memory. Who needs
    /// their keys alone holds none.
    /// </summary>
    public long HeldBytes { get; init; }

    /// <inheritdoc cref="LentDuckDb.Keep"/>
    public void KeepDuckDb() => _duckDb.Keep();

    /// <summary>Fetches files, several at a time, in their order.</summary>
    public async Task<IReadOnlyList<FetchedFile>> FetchAsync(
        LakeReader lake, IReadOnlyList<LakeObject> objects, CancellationToken cancellationToken)
    {
        var files = Places(objects);
        await ParallelFetch.RunAsync(
            files, (file, token) => lake.FetchAsync(file.Object.Key, file.Object.ETag, file.Path, token), cancellationToken);
        return files;
    }

    /// <summary>Where copies of objects shall be; nothing is fetched yet.</summary>
    public IReadOnlyList<FetchedFile> Places(IReadOnlyList<LakeObject> objects) =>
        [.. objects.Select(wanted => new FetchedFile(wanted, Path.Combine(_folder.Path, $"{_fetched++:D6}.parquet")))];

    /// <summary>
    /// Puts neighbours of one generation with the same columns together; groups and files stay in key order. A column that a file does not
    /// have must not be touched by its updates, and one whose type has changed would be made one type by DuckDB, rounding where it must, so
    /// such files cannot share a statement.
    /// </summary>
    /// <exception cref="RejectedFilesException">Some are no Parquet files, or not as they must be.</exception>
    public IReadOnlyList<ShapedFiles> GroupByColumns(IReadOnlyList<FetchedFile> files, ExpectedFiles expected)
    {
        var footers = Footers(files);
        var schemas = new Dictionary<string, FileSchema>(StringComparer.Ordinal);
        var rejected = new List<RejectedFile>();
        foreach (var shaped in footers.GroupBy(footer => footer.Shape))
        {
            var schema = schemas[shaped.Key] = Schema(shaped.First().File, rejected);
            foreach (var footer in shaped)
                if (expected.Fault(footer.File.Object.Key, schema.Names) is { } fault)
                    rejected.Add(new RejectedFile(footer.File.Object, fault));
        }

        if (rejected.Count > 0)
            throw new RejectedFilesException(rejected);

        var groups = new List<List<Footer>>();
        foreach (var footer in footers)
        {
            if (groups is not [.., [var first, ..]] || first.Shape != footer.Shape || GenerationOf(first) != GenerationOf(footer))
                groups.Add([]);
            groups[^1].Add(footer);
        }

        int GenerationOf(Footer footer) => expected.GenerationOf(footer.File.Object.Key);

        var shapes = groups.Select(group => Shaped(schemas[group[0].Shape], group, expected)).ToList();
        foreach (var shape in shapes)
            if (expected.Fault(shape.Types) is { } fault)
                rejected.AddRange(shape.Files.Select(file => new RejectedFile(file.Object, fault)));
        return rejected.Count == 0 ? shapes : throw new RejectedFilesException(rejected);
    }

    /// <summary>
    /// What a fault of DuckDB means for the files that it was reading. DuckDB does not always say which file a fault is of, so each is read
    /// alone: those for which that fails are rejected.
    /// </summary>
    public Exception Explain(IReadOnlyList<FetchedFile> files, DuckDbException fault)
    {
        var rejected = new List<RejectedFile>();
        if (!FetchedFile.IsExhaustion(fault))
            foreach (var file in files)
                Read(file, $"SELECT max(hash(COLUMNS(*))) FROM {Parquet(file)}", (_, _) => { }, rejected);
        return rejected.Count > 0 ? new RejectedFilesException(rejected) : FetchedFile.Unreadable(files, fault);
    }

    /// <summary>What the files' footers say, in the files' order: one query for all, because there may be thousands.</summary>
    private List<Footer> Footers(IReadOnlyList<FetchedFile> files)
    {
        try
        {
            var byPath = ReadFooters(files).ToDictionary(found => found.Path);
            return [.. files.Select(file => new Footer(file, byPath[file.Path].Shape, byPath[file.Path].Rows))];
        }
        catch (DuckDbException fault) when (!FetchedFile.IsExhaustion(fault))
        {
            // DuckDB does not say which file's footer it cannot read.
            var rejected = new List<RejectedFile>();
            foreach (var file in files)
                Schema(file, rejected);
            throw rejected.Count > 0 ? new RejectedFilesException(rejected) : FetchedFile.Unreadable(files, fault);
        }
    }

    private List<(string Path, string Shape, long Rows)> ReadFooters(IReadOnlyList<FetchedFile> files)
    {
        var paths = DuckDbSql.List(files.Select(file => file.Path));
        var footers = new List<(string, string, long)>();
        using var result = Connection.Query(
            "SELECT s.file_name, coalesce(s.shape, ''), m.num_rows FROM (SELECT file_name,"
            // The order of columns does not matter, but tells which fields are nested in which.
            + $" if(max(num_children) FILTER (column_id > 0) > 0, {Shape("column_id")}, {Shape($"name, {ColumnForm}")}) AS shape"
            + $" FROM parquet_schema({paths}) GROUP BY file_name) s JOIN parquet_file_metadata({paths}) m USING (file_name)");
        while (result.Next(out var chunk))
            for (var row = 0; row < chunk.Rows; row++)
                footers.Add((chunk[0].Text(row)!, chunk[1].Text(row)!, chunk[2].Get<long>(row)));
        return footers;
    }

    private static string Shape(string order) =>
        $"string_agg(concat(name, chr(1), {ColumnForm}), chr(2) ORDER BY {order}) FILTER (column_id > 0)";

    private ShapedFiles Shaped(FileSchema schema, List<Footer> footers, ExpectedFiles expected)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        using var described = Connection.Query(
            $"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {Parquet(footers[0].File)})");
        while (described.Next(out var chunk))
            for (var row = 0; row < chunk.Rows; row++)
                types[chunk[0].Text(row)!] = schema.Decimals.GetValueOrDefault(chunk[0].Text(row)!) ?? chunk[1].Text(row)!;
        var paths = DuckDbSql.List(footers.Select(footer => footer.File.Path));
        var statistics = FileStatistics.Of(Connection, paths);
        foreach (var name in statistics.WithoutValue.Where(name => types.ContainsKey(name) && expected.TakesTypeFromValues(name)))
            types[name] = StagedType.OfNulls;
        var rows = footers.Sum(footer => footer.Rows);
        return new ShapedFiles([.. footers.Select(footer => footer.File)], types, statistics.Bytes / Math.Max(rows, 1))
        {
            Generation = expected.GenerationOf(footers[0].File.Object.Key),
            Rows = [.. footers.Select(footer => footer.Rows)],
        };
    }

    /// <summary>A file's columns as they stand in its footer; none when the file is rejected.</summary>
    private FileSchema Schema(FetchedFile file, List<RejectedFile> rejected)
    {
        var schema = new FileSchema();
        Read(file, FileSchema.Query(file.Path), schema.Take, rejected);
        return schema;
    }

    /// <summary>Reads one file; rejects it when DuckDB cannot.</summary>
    private void Read(FetchedFile file, string sql, Action<DuckDbChunk, int> take, List<RejectedFile> rejected)
    {
        try
        {
            using var result = Connection.Query(sql);
            while (result.Next(out var chunk))
                for (var row = 0; row < chunk.Rows; row++)
                    take(chunk, row);
        }
        catch (DuckDbException fault) when (!FetchedFile.IsExhaustion(fault))
        {
            rejected.Add(file.Rejected(fault));
        }
    }

    private static string Parquet(FetchedFile file) => $"read_parquet({DuckDbSql.Literal(file.Path)}, hive_partitioning = false)";

    /// <inheritdoc/>
    public void Dispose()
    {
        _duckDb.Dispose();
        _folder.Dispose();
    }
}
