using System.Diagnostics;
using CdcDms.Contract.Functions;
using CdcDms.Local.Services;
using CdcDms.Local.Streaming;
using CdcDms.Local.Views;

namespace CdcDms.Local.Demo;

/// <summary>
/// The whole pipeline over running services: a shop is filled, captured and merged while writers change it, then compared.
/// </summary>
internal sealed class DemoRun(EmbeddedServices services, DemoOptions options, DemoProgress progress)
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    // On a busy machine the snapshot may take all the time that was asked for, and there would be no change to see.
    private static readonly TimeSpan LeastOfStream = TimeSpan.FromSeconds(2);

    // A proof is judged some seconds after its rows were read; where that takes so long, the demo ends without. A marker
    // waits in a stream twice, behind all that the writers put there.
    private readonly TimeSpan _mostForProofs = TimeSpan.FromSeconds(options.Route == Route.Kinesis ? 120 : 30);

    /// <summary>Runs it.</summary>
    /// <returns>The comparison of each table.</returns>
    public async Task<DemoReport> RunAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await using var pipeline = await ShopPipeline.StartAsync(services, options.Route, options.Rows, progress, cancellationToken);

        progress.Report("capturing and merging while writers write");
        await WriteCaptureAndMergeAsync(pipeline, cancellationToken);
        progress.Report("merging the rest and comparing");
        // A second capture resumes where the first was stopped, and ends when it has read everything.
        await pipeline.CaptureAsync(Idle, cancellationToken);
        await pipeline.BatchAsync(cancellationToken);
        var tables = await pipeline.CompareAsync(cancellationToken);
        // The comparison is of no part of the pipeline, whose ledger would not know that the tables are proven.
        if (tables.All(table => table.Identical))
            await pipeline.ProveAsync(cancellationToken);
        return Report(tables, Stopwatch.GetElapsedTime(started), pipeline.Stream);
    }

    /// <summary>
    /// Writers write for the time that was asked for, the snapshot included, and until rows were read for a proof beside them; capture and
    /// merge go on until about one proof of each table is judged.
    /// </summary>
    private async Task WriteCaptureAndMergeAsync(ShopPipeline pipeline, CancellationToken cancellationToken)
    {
        using var written = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ending = EndWritingAsync(pipeline.Stream, written);
        var writers = Enumerable.Range(1, options.Writers).Select(seed => new ShopWriter(services.SourceConnectionString, seed));
        var writing = Task.WhenAll(writers.Select(writer => writer.RunAsync(written.Token)));
        using var captured = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var capturing = pipeline.CaptureAsync(untilIdle: null, captured.Token);
        var merging = MergeAndProveAsync(writing, pipeline, cancellationToken);
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
            await Task.WhenAll(ending, writing, capturing, merging).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task EndWritingAsync(LocalStream? stream, CancellationTokenSource written)
    {
        var asked = Task.Delay(TimeSpan.FromSeconds(options.Seconds), written.Token);
        await progress.Streaming.WaitAsync(written.Token);
        // A stream gets more shards while it is written and read.
        if (stream is not null)
            await stream.SplitAsync(written.Token);
        await Task.Delay(LeastOfStream, written.Token);
        await Task.WhenAny(progress.ReadForProof, Task.Delay(_mostForProofs, written.Token));
        await asked;
        await written.CancelAsync();
        progress.WritingEnded();
    }

    private async Task MergeAndProveAsync(Task writing, ShopPipeline pipeline, CancellationToken cancellationToken)
    {
        while (!writing.IsCompleted)
        {
            await pipeline.BatchAsync(cancellationToken);
            await Task.WhenAny(writing, Task.Delay(Idle, cancellationToken));
        }

        progress.Report("merging until proofs are judged");
        var (wanted, ended) = (Math.Min(progress.ProofsAsked, pipeline.Tables.Count), Stopwatch.GetTimestamp());
        while (Said(progress.Judged) < wanted && Stopwatch.GetElapsedTime(ended) < _mostForProofs)
        {
            await Task.Delay(Idle, cancellationToken);
            await pipeline.BatchAsync(cancellationToken);
        }
    }

    // Of the others nothing can be said.
    private static int Said(JudgedProofs judged) => judged.Proofs - judged.NotProven;

    private DemoReport Report(IReadOnlyList<ValidateOutput> tables, TimeSpan elapsed, LocalStream? stream)
    {
        var (captured, rows, _) = progress.Read();
        return new DemoReport(
            tables.All(table => table.Identical),
            [.. tables.Select(table => new DemoTable(table.Table, table.SourceRows, table.TargetRows, table.Identical))],
            captured.SnapshotRows,
            captured.ChangesCaptured,
            captured.FilesWritten,
            rows.Read,
            rows.Inserted,
            rows.Updated,
            rows.Deleted,
            rows.Superseded,
            rows.Stale,
            // All that was captured is merged by now, and the merges of the shop's tables do not read the markers.
            captured.SnapshotRows + captured.ChangesCaptured - rows.Read,
            Said(progress.Judged),
            progress.Judged.KeysDifferent,
            progress.Judged.KeysNotJudged,
            Math.Round(elapsed.TotalSeconds, 1),
            stream is null ? null : new DemoStream(stream.Totals.Messages, stream.Totals.Shards, stream.Totals.Batches));
    }
}
