using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Local.Capture;
using CdcDms.Local.Demo;
using CdcDms.Local.Streaming;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Validation;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Streaming;

/// <summary>Changes go through a Kinesis server and the built function into the lake, and from there into analytics.</summary>
public sealed class LocalStreamTests(TestServers servers) : IAsyncLifetime
{
    private const int Rows = 2000;
    private const long BatchBytes = 64 << 20;

    private readonly ConcurrentQueue<string> _failures = [];
    private TestDatabase _source = null!;
    private TestDatabase _analytics = null!;
    private LakeUri _lake = null!;
    private IReadOnlyList<TableDefinition> _tables = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (_source, _analytics) = (await servers.CreateDatabaseAsync(), await servers.CreateDatabaseAsync());
        _lake = await servers.CreateLakeAsync();
        await Shop.CreateAsync(_source.ConnectionString, Rows, Cancellation);
        _tables = (await new TableDescriber(_source.ConnectionString).DescribeAsync([], Cancellation)).Tables;
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _analytics.DisposeAsync();
    }

    [Fact]
    public async Task Every_type_of_the_shop_comes_through_the_stream_and_so_do_its_changes_while_a_shard_is_split()
    {
        await using var route = await StartAsync();
        await CaptureAsync(route);
        await route.SplitAsync(Cancellation);
        await WriteAsync();
        await CaptureAsync(route);

        await MergeAsync();

        await AreIdenticalAsync();
        Assert.Equal(4, route.Totals.Shards);
        Assert.Empty(_failures);
        Assert.Empty(await RejectsAsync());
    }

    [Fact]
    public async Task A_function_that_is_killed_at_its_work_gets_the_same_records_again()
    {
        await using var route = await StartAsync();
        var killed = KillFunctionAsync();
        await CaptureAsync(route);
        await killed;
        await WriteAsync();
        await CaptureAsync(route);

        await MergeAsync();

        await AreIdenticalAsync();
        Assert.Contains("Runtime.ExitError", Assert.Single(_failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_marker_is_in_the_lake_after_everything_that_was_captured_before_it()
    {
        await using var route = await StartAsync();
        await MarkerWriter.WriteOneAsync(_source.ConnectionString, 1, Cancellation);
        await CaptureAsync(route);
        await MergeAsync();
        await MarkerWriter.WriteOneAsync(_source.ConnectionString, 1, Cancellation);
        await CaptureAsync(route);

        var merged = await new MarkerJob(new LakeReader(servers.S3, _lake), _analytics.ConnectionString).MergeAsync(Cancellation);

        // A file of each shard; the first marker was a row of the full load.
        Assert.Equal((2, 0, true), (merged.Files, merged.FilesRejected, merged.InOrder));
        Assert.Equal(2, await _analytics.ScalarAsync<long>("SELECT max(number) FROM cdc.markers"));
    }

    private Task<LocalStream> StartAsync() => LocalStream.StartAsync(
        servers.S3Server, _lake, FunctionsBundle.Folder, _tables, _failures.Enqueue, Cancellation);

    private async Task CaptureAsync(LocalStream route)
    {
        await CaptureJob.RunAsync(
            new CaptureOptions
            {
                SourceConnection = _source.ConnectionString,
                Lake = route.Captured,
                S3 = servers.S3,
                Tables = _tables,
                IntervalSeconds = 1,
                UntilIdle = TimeSpan.FromMilliseconds(50),
            },
            Cancellation);
        await route.DrainAsync(Cancellation);
    }

    private async Task WriteAsync()
    {
        await using var connection = await _source.OpenAsync();
        foreach (var statement in Shop.Statements("writer.sql"))
            for (var time = 0.5; time < 20; time++)
                await connection.ExecuteAsync(statement, Cancellation, time / 20);
    }

    private async Task MergeAsync()
    {
        var lake = new LakeReader(servers.S3, _lake);
        await new MarkerJob(lake, _analytics.ConnectionString).MergeAsync(Cancellation);
        var merge = new MergeJob(lake, _analytics.ConnectionString);
        foreach (var table in _tables)
            while ((await merge.RunAsync(table, BatchBytes, Cancellation)).More)
            {
            }
    }

    private async Task AreIdenticalAsync()
    {
        var validator = new Validator(_source.ConnectionString, _analytics.ConnectionString);
        foreach (var table in _tables)
        {
            var found = (await validator.CompareAsync(table, withValues: true, Cancellation)).Result;
            Assert.True(found.Identical, found.ToString());
            Assert.True(found.SourceRows > 0);
        }
    }

    private Task<List<LakeObject>> RejectsAsync() => new LakeReader(servers.S3, _lake)
        .ListAsync(_lake.Key(LakeLayout.StreamFolder), null, Cancellation).ToListAsync(Cancellation).AsTask();

    // Of all functions that run on this machine, the one whose lake is ours.
    private async Task KillFunctionAsync()
    {
        var ours = $"{FunctionEnvironment.Lake}={_lake}";
        var killed = false;
        await Commands.CommandLine.WaitUntilAsync(() =>
        {
            foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
                if (!killed && Variables(folder).Contains(ours))
                {
                    using var process = Process.GetProcessById(
                        int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture));
                    process.Kill();
                    killed = true;
                }

            return Task.FromResult(killed);
        });
    }

    private static string[] Variables(string process)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"{process}/environ")).Split('\0');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
