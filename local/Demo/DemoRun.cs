using System.Diagnostics;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.Capture;
using CdcDms.Local.Output;
using CdcDms.Local.Services;
using CdcDms.Pipeline.Definitions;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Local.Demo;

/// <summary>The whole pipeline over running services: a shop is filled, captured and merged while writers change it, then compared.</summary>
internal sealed class DemoRun(EmbeddedServices services, DemoOptions options, DemoProgress progress)
{
    private const long BatchBytes = 256L << 20;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    /// <summary>Runs it.</summary>
    /// <returns>The comparison of each table.</returns>
    public async Task<DemoReport> RunAsync(CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        progress.Step = "filling the shop";
        await Shop.CreateAsync(services.SourceConnectionString, options.Rows, cancellation);
        var tables = await DescribeAsync(cancellation);

        progress.Step = "capturing and merging while writers write";
        await WriteCaptureAndMergeAsync(tables, cancellation);
        progress.Step = "draining";
        // A second capture resumes where the first was stopped, and ends when it has read everything.
        await CaptureAsync(tables, Idle, cancellation);
        await MergeAllAsync(tables, cancellation);

        progress.Step = "comparing";
        var validator = new Validator(services.SourceConnectionString, services.AnalyticsConnectionString);
        var results = new List<ValidateOutput>();
        foreach (var table in tables)
            results.Add(await validator.CompareAsync(table, cancellation));
        return Report(results, Stopwatch.GetElapsedTime(started));
    }

    private async Task<IReadOnlyList<TableDefinition>> DescribeAsync(CancellationToken cancellation)
    {
        await using var source = await Database.OpenAsync(services.SourceConnectionString, "source", cancellation);
        return await TableDescriber.DescribeAsync(source, [], cancellation);
    }

    /// <summary>Writers write for the time that was asked for, the snapshot included; capture and merge run beside them.</summary>
    private async Task WriteCaptureAndMergeAsync(IReadOnlyList<TableDefinition> tables, CancellationToken cancellation)
    {
        using var written = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        written.CancelAfter(TimeSpan.FromSeconds(options.Seconds));
        var writing = Task.WhenAll(Enumerable.Range(1, options.Writers).Select(seed => new ShopWriter(services.SourceConnectionString, seed).RunAsync(written.Token)));
        using var captured = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var capturing = CaptureAsync(tables, untilIdle: null, captured.Token);
        var merging = MergeUntilAsync(writing, tables, cancellation);
        try
        {
            // The first that fails is what went wrong; the others end because of it.
            await foreach (var ended in Task.WhenEach(writing, capturing, merging))
            {
                await ended;
                if (ended == merging)
                    await captured.CancelAsync();
            }
        }
        finally
        {
            await written.CancelAsync();
            await captured.CancelAsync();
            await Task.WhenAll(writing, capturing, merging).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task MergeUntilAsync(Task end, IReadOnlyList<TableDefinition> tables, CancellationToken cancellation)
    {
        while (!end.IsCompleted)
        {
            await MergeAllAsync(tables, cancellation);
            await Task.WhenAny(end, Task.Delay(Idle, cancellation));
        }
    }

    private async Task MergeAllAsync(IReadOnlyList<TableDefinition> tables, CancellationToken cancellation)
    {
        using var s3 = services.S3.Connect();
        var job = new MergeJob(new LakeReader(s3, services.Lake), services.AnalyticsConnectionString);
        foreach (var table in tables)
        {
            MergeOutput batch;
            do
            {
                batch = await job.RunAsync(table, BatchBytes, cancellation);
                progress.Merged(batch);
            }
            while (batch.More);
        }
    }

    private async Task CaptureAsync(IReadOnlyList<TableDefinition> tables, TimeSpan? untilIdle, CancellationToken cancellation)
    {
        using var s3 = services.S3.Connect();
        progress.Ended(await CaptureJob.RunAsync(
            new CaptureOptions
            {
                SourceConnection = services.SourceConnectionString,
                Lake = services.Lake,
                S3 = s3,
                Tables = tables,
                IntervalSeconds = 2,
                UntilIdle = untilIdle,
                Progress = progress,
            },
            cancellation));
    }

    private DemoReport Report(List<ValidateOutput> results, TimeSpan elapsed)
    {
        var (captured, rows, _) = progress.Read();
        return new DemoReport(
            results.TrueForAll(result => result.Identical),
            [.. results.Select(result => new DemoTable(result.Table, result.SourceRows, result.TargetRows, result.Identical))],
            captured.ChangesCaptured, captured.FilesWritten, rows.Read, rows.Inserted, rows.Updated, rows.Deleted, rows.Superseded, rows.Stale,
            Math.Round(elapsed.TotalSeconds, 1));
    }
}
