using CdcDms.Contract;
using CdcDms.Local.Capture;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Validation;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Recovery;

/// <summary>A source, a lake and an analytics database, each of which can be lost and replaced.</summary>
internal sealed class Drill : IAsyncDisposable
{
    /// <summary>Ends when idle, with a long interval: a run's changes come in as few files as possible.</summary>
    public required CaptureOptions Options { get; set; }

    public required TestDatabase Analytics { get; set; }

    /// <summary>Runs statements at a source and describes the tables that it has then.</summary>
    public static async Task<Drill> StartAsync(TestServers servers, string source, string sql)
    {
        var drill = new Drill
        {
            Analytics = await servers.CreateDatabaseAsync(),
            Options = new CaptureOptions
            {
                SourceConnection = source,
                Lake = await servers.CreateLakeAsync(),
                S3 = servers.S3,
                Tables = [],
                IntervalSeconds = 60,
                UntilIdle = TimeSpan.FromMilliseconds(300),
            },
        };
        await drill.ChangeAsync(sql);
        await drill.DescribeAsync();
        return drill;
    }

    /// <summary>Defines the tables that the source has now.</summary>
    public async Task DescribeAsync() => Options = Options with
    {
        Tables = (await new TableDescriber(Options.SourceConnection).DescribeAsync([], CancellationToken.None)).Tables,
    };

    /// <summary>Runs statements at the source, all in one transaction unless they begin their own.</summary>
    public async Task ChangeAsync(string sql)
    {
        await using var connection = await Database.OpenAsync(Options.SourceConnection, "source", CancellationToken.None);
        await connection.ExecuteAsync(sql, CancellationToken.None);
    }

    /// <summary>Captures until nothing is left.</summary>
    public Task<CaptureTotals> CaptureAsync() => CaptureJob.RunAsync(Options, TestContext.Current.CancellationToken);

    /// <summary>The sentence with which the capture refuses to go on.</summary>
    public async Task<string> RefusedAsync()
    {
        var fault = await Assert.ThrowsAsync<CdcDmsException>(CaptureAsync);
        Assert.Equal(ErrorKind.BadData, fault.Kind);
        return fault.Message;
    }

    /// <summary>Captures and merges until nothing is left, and compares both databases row by row.</summary>
    public async Task ArrivesIdenticalAsync()
    {
        await CaptureAsync();
        await MergeAsync();
        var validator = new Validator(Options.SourceConnection, Analytics.ConnectionString);
        foreach (var table in Options.Tables)
        {
            var output = (await validator.CompareAsync(table, withValues: false, CancellationToken.None)).Result;
            Assert.True(output.Identical, $"{output}: {string.Join(", ", output.DifferentColumns)}");
        }
    }

    /// <summary>Merges until nothing is left.</summary>
    public async Task MergeAsync()
    {
        var job = new MergeJob(new LakeReader(Options.S3, Options.Lake), Analytics.ConnectionString);
        foreach (var table in Options.Tables)
            while ((await job.RunAsync(table, BatchLimits.Default, CancellationToken.None)).More)
            {
                // The next batch.
            }
    }

    public async ValueTask DisposeAsync()
    {
        await using (var connection = new NpgsqlConnection(Options.SourceConnection))
            NpgsqlConnection.ClearPool(connection);
        await Analytics.DisposeAsync();
    }
}
