using System.Text.Json;
using Amazon.S3.Model;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Local.Capture;
using CdcDms.Local.Tests.Commands;
using CdcDms.Pipeline.Postgres;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

/// <summary>A source database, a lake, and DuckDB's own reader over what a capture has written there.</summary>
internal sealed class CaptureTest : IAsyncDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cdcdms-capture-test-");
    private readonly DuckDbDatabase _duckDb;
    private readonly DuckDbConnection _reader;

    private CaptureTest(TestDatabase source, CaptureOptions options)
    {
        Source = source;
        Options = options;
        _duckDb = DuckDbDatabase.Open(new DuckDbOptions { SpillDirectory = _folder.FullName });
        _reader = _duckDb.Connect();
    }

    public TestDatabase Source { get; }

    /// <summary>Ends when idle, with a long interval: a run's changes come in as few files as possible.</summary>
    public CaptureOptions Options { get; set; }

    public static async Task<CaptureTest> StartAsync(TestServers servers, string sql, params string[] tables)
    {
        var source = await servers.CreateDatabaseAsync();
        await source.ExecuteAsync(sql);
        return new CaptureTest(source, new CaptureOptions
        {
            SourceConnection = source.ConnectionString,
            Lake = await servers.CreateLakeAsync(),
            S3 = servers.S3,
            Tables = [.. tables.Select(Define)],
            IntervalSeconds = 60,
            UntilIdle = Idle,
        });
    }

    /// <summary>
    /// A source with two tables, the second of which is altered when the snapshot is taken and the first table is read.
    /// </summary>
    /// <param name="servers">The servers.</param>
    /// <param name="later">Makes the second table, <c>later</c>.</param>
    /// <param name="alteration">Alters it.</param>
    public static async Task<CaptureTest> StartAlteredAsync(TestServers servers, string later, string alteration)
    {
        var test = await StartAsync(
            servers, $"CREATE TABLE first (id int PRIMARY KEY); INSERT INTO first VALUES (1); {later}", "public.first", "public.later");
        var altered = false;
        test.Options = test.Options with
        {
            Progress = new Hears(step =>
            {
                if (altered || step.Totals.SnapshotRows == 0)
                    return;
                altered = true;
                test.Source.ExecuteAsync(alteration).GetAwaiter().GetResult();
            }),
        };
        return test;
    }

    public static TableDefinition Define(string table)
    {
        var name = TableName.Parse(table);
        return new TableDefinition { Schema = name.Schema, Name = name.Name, Target = $"analytics.t{Guid.NewGuid():N}" };
    }

    public Task<CaptureTotals> RunAsync() => CaptureJob.RunAsync(Options, TestContext.Current.CancellationToken);

    /// <summary>Makes changes between two runs, so that the second one captures them.</summary>
    public async Task<CaptureTotals> RunAsync(params string[] changes)
    {
        foreach (var sql in changes)
            await Source.ExecuteAsync(sql);
        return await RunAsync();
    }

    /// <summary>Runs statements in one session, each as the source would get it from a program: some refuse to be one of many.</summary>
    public async Task ExecuteEachAsync(string statements)
    {
        await using var connection = await Source.OpenAsync();
        foreach (var sql in statements.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            await connection.ExecuteAsync(sql, TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until a query says true.</summary>
    public Task WaitAsync(string condition) => CommandLine.WaitUntilAsync(() => Source.ScalarAsync<bool>(condition));

    /// <summary>Neither slot nor publication is at the source.</summary>
    public async Task LeavesNothingAsync() =>
        Assert.Equal(0, await Source.ScalarAsync<long>(
            "SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots WHERE database = "
            + "current_database())"));

    /// <summary>The keys below the lake's folder, without it, in order.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync(string below = "")
    {
        var prefix = Options.Lake.Key("");
        var found = await Options.S3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Options.Lake.Bucket, Prefix = prefix + below });
        return [.. (found.S3Objects ?? []).Select(entry => entry.Key[prefix.Length..]).Order(StringComparer.Ordinal)];
    }

    public async Task<string> TextAsync(string key)
    {
        using var response = await Options.S3.GetObjectAsync(Options.Lake.Bucket, Options.Lake.Key(key));
        using var reader = new StreamReader(response.ResponseStream);
        return await reader.ReadToEndAsync();
    }

    /// <summary>The marks of the checkpoint, in order: table without its schema, kind and cause.</summary>
    public async Task<IReadOnlyList<string>> MarksAsync()
    {
        using var checkpoint = JsonDocument.Parse(await TextAsync("_cdcdms/capture/checkpoint.json"));
        return [.. checkpoint.RootElement.GetProperty("marks").EnumerateArray()
            .Select(mark => $"{mark.GetProperty("table")} {mark.GetProperty("kind")}: {mark.GetProperty("cause")}"["public.".Length..])
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>The name of the publication at the source.</summary>
    public async Task<string> PublicationAsync() => (await Source.ScalarAsync<string>("SELECT pubname::text FROM pg_publication"))!;

    /// <summary>Fetches an object; gives its path.</summary>
    public async Task<string> FetchAsync(string key)
    {
        var path = Path.Combine(_folder.FullName, Guid.NewGuid().ToString("N"));
        using var response = await Options.S3.GetObjectAsync(Options.Lake.Bucket, Options.Lake.Key(key));
        await response.WriteResponseStreamToFileAsync(path, append: false, CancellationToken.None);
        return path;
    }

    /// <summary>
    /// Every file of a table's newest generation (or those whose key contains something), as <c>{0}</c> of a query whose columns are given
    /// as text.
    /// </summary>
    public async Task<IReadOnlyList<string>> ReadAsync(string table, string sql, string only = ".parquet")
    {
        var name = TableName.Parse(table);
        var keys = (await KeysAsync("g")).Where(key => key[5..].StartsWith($"{name.Schema}/{name.Name}/", StringComparison.Ordinal));
        var paths = new List<string>();
        foreach (var key in keys.GroupBy(key => key[..4]).Last())
            if (key.Contains(only, StringComparison.Ordinal))
                paths.Add(await FetchAsync(key));
        return Query(string.Format(
            System.Globalization.CultureInfo.InvariantCulture, sql, $"read_parquet({DuckDbSql.List(paths)}, union_by_name = true)"));
    }

    /// <summary>A query's rows, columns parted by <c>|</c>, NULL as <c>∅</c>.</summary>
    public IReadOnlyList<string> Query(string sql)
    {
        var rows = new List<string>();
        using var result = _reader.Query(
            sql.StartsWith("DESCRIBE", StringComparison.Ordinal) ? sql : $"SELECT COLUMNS(*)::VARCHAR FROM ({sql})");
        while (result.Next(out var chunk))
            for (var row = 0; row < chunk.Rows; row++)
                rows.Add(string.Join('|', Enumerable.Range(0, result.Columns.Count).Select(column => chunk[column].Text(row) ?? "∅")));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _duckDb.Dispose();
        _folder.Delete(recursive: true);
        await Source.DisposeAsync();
    }
}
