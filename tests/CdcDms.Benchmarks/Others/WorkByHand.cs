using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Postgres;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Benchmarks.Others;

/// <summary>
/// A work as somebody does it without this pipeline: the same files, a DuckDB that reads them, and a target like the pipeline's but for its
/// own columns.
/// </summary>
internal sealed class WorkByHand : IAsyncDisposable
{
    private const int ParallelFetches = 16;

    private readonly PreparedWork _prepared;
    private readonly TestDatabase _before;
    private readonly WorkFolder _folder = WorkFolder.Create();
    private readonly DuckDbDatabase _duckDb;

    private WorkByHand(PreparedWork prepared, TestDatabase before)
    {
        (_prepared, _before) = (prepared, before);
        _duckDb = DuckDbDatabase.Open(new DuckDbOptions { SpillDirectory = Path.Combine(_folder.Path, "spill") });
        DuckDb = _duckDb.Connect();
    }

    /// <summary>The table.</summary>
    public TableDefinition Table => _prepared.Work.Table;

    /// <summary>Whether the files are those of a first load.</summary>
    public bool IsLoad => _prepared.Work.IsLoad;

    /// <summary>The columns, quoted.</summary>
    public string Columns => string.Join(", ", Table.Columns!.Select(column => DuckDbSql.Identifier(column.To)));

    /// <summary>The key's columns, quoted.</summary>
    public string Key => string.Join(", ", Table.Key!.Select(DuckDbSql.Identifier));

    /// <summary>What an upsert sets: all columns, as in most upserts.</summary>
    public string Assignments => string.Join(
        ", ", Table.Columns!.Select(column => DuckDbSql.Identifier(column.To)).Select(name => $"{name} = EXCLUDED.{name}"));

    /// <summary>A DuckDB with as much memory and as many threads as a merge has.</summary>
    public DuckDbConnection DuckDb { get; }

    /// <summary>A file that may be written.</summary>
    public string ScratchPath => Path.Combine(_folder.Path, "scratch");

    /// <summary>How many changes are left when each key has its last one only.</summary>
    public long Rows { get; private set; }

    /// <summary>Prepares the work for both.</summary>
    public static async Task<WorkByHand> CreateAsync(TestServers servers, MergeWork work)
    {
        var prepared = await PreparedWork.CreateAsync(servers, work);
        await using var database = await prepared.DatabaseAsync();
        var columns = string.Join(", ", work.Table.Columns!.Select(column => DuckDbSql.Identifier(column.To)));
        var key = string.Join(", ", work.Table.Key!.Select(DuckDbSql.Identifier));
        await database.ExecuteAsync(
            $"""
            CREATE SCHEMA by_hand;
            CREATE TABLE by_hand.things WITH (fillfactor = 80) AS SELECT {columns} FROM analytics.things ORDER BY {key};
            ALTER TABLE by_hand.things ADD PRIMARY KEY ({key});
            DROP SCHEMA analytics CASCADE
            """);
        await database.ExecuteAsync("VACUUM ANALYZE");
        NpgsqlConnection.ClearAllPools();
        var hand = new WorkByHand(prepared, await database.CopyAsync());
        hand.Rows = hand.DuckDb.Count($"SELECT count(*) FROM ({hand.LastChanges("1", await hand.FetchAsync())})");
        return hand;
    }

    /// <summary>The last change of each key, as a query of DuckDB; of a first load its rows.</summary>
    /// <param name="select">What is selected.</param>
    /// <param name="paths">The files.</param>
    public string LastChanges(string select, IReadOnlyList<string> paths) =>
        $"SELECT {select} FROM read_parquet({DuckDbSql.List(paths)})"
        + (IsLoad ? "" : $" QUALIFY row_number() OVER (PARTITION BY {Key} ORDER BY cdc_change_seq DESC) = 1");

    /// <summary>Lets the pipeline merge the files.</summary>
    public async Task<TimeSpan> MergeAsync()
    {
        await using var database = await _prepared.DatabaseAsync();
        return (await _prepared.MergeAsync(database)).Elapsed;
    }

    /// <summary>Lets somebody else bring them in, from the objects in S3 to the acknowledged commit.</summary>
    public async Task<TimeSpan> RunAsync(IWayByHand way)
    {
        NpgsqlConnection.ClearAllPools();
        await using var database = await _before.CopyAsync();
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("CHECKPOINT", CancellationToken.None);
        var elapsed = await Elapsed.OfAsync(async () => await way.RunAsync(connection, await FetchAsync()));
        return elapsed * way.Share;
    }

    /// <summary>Fails unless a way leaves what the merge leaves.</summary>
    public async Task CheckAsync(IWayByHand way)
    {
        await using var merged = await _prepared.DatabaseAsync();
        await _prepared.MergeAsync(merged);
        NpgsqlConnection.ClearAllPools();
        await using var database = await _before.CopyAsync();
        await using (var connection = await database.OpenAsync())
            await way.RunAsync(connection, await FetchAsync());
        var (ours, theirs) = (await RowsAsync(merged, "analytics"), await RowsAsync(database, "by_hand"));
        if (ours != theirs)
            throw new InvalidOperationException($"The merge leaves {ours}, and {way.GetType().Name} leaves {theirs}.");
    }

    public async ValueTask DisposeAsync()
    {
        DuckDb.Dispose();
        _duckDb.Dispose();
        _folder.Dispose();
        await _before.DisposeAsync();
        await _prepared.DisposeAsync();
    }

    private Task<string?> RowsAsync(TestDatabase database, string schema) => database.ScalarAsync<string>(
        "SELECT count(*) || ' rows of the hash ' || coalesce(sum(hashtextextended(t::text, 0)), 0) "
        + $"FROM (SELECT {Columns} FROM {schema}.things) t");

    private async Task<IReadOnlyList<string>> FetchAsync()
    {
        var files = (await _prepared.ChangeFilesAsync()).Select((file, number) => (file, Path.Combine(_folder.Path, $"{number}.parquet")))
            .ToList();
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelFetches };
        await Parallel.ForEachAsync(files, options, async (file, token) =>
            await _prepared.Lake.FetchAsync(file.file.Key, file.file.ETag, file.Item2, token));
        return [.. files.Select(file => file.Item2)];
    }
}
