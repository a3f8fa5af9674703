using System.Diagnostics;
using CdcDms.Local.Services;
using CdcDms.Local.Streaming;
using CdcDms.Local.Views;

namespace CdcDms.Local.Demo;

/// <summary>
/// The whole pipeline until it is told to end: a shop that one writer changes, its capture, and the workflow on its schedule.
/// </summary>
internal sealed class UpRun(EmbeddedServices services, Route route, int rows, TimeSpan every, DemoProgress progress)
{
    private static readonly TimeSpan BetweenFullProofs = TimeSpan.FromHours(1);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var pipeline = await ShopPipeline.StartAsync(services, route, rows, progress, cancellationToken);
        Screen.Line($"# functions: {pipeline.LambdaEndpoint} (aws lambda invoke --endpoint-url …)");
        if (pipeline.Stream is { } stream)
            Screen.Line(
                $"export AWS_ENDPOINT_URL_KINESIS={stream.Endpoint} AWS_REGION={StreamCalls.Region} STREAM={LocalStream.StreamName}");
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] parts =
        [
            new ShopWriter(services.SourceConnectionString, seed: 1).RunAsync(failed.Token),
            pipeline.CaptureAsync(untilIdle: null, failed.Token),
            OnScheduleAsync(pipeline, failed.Token),
        ];
        // The first that ends is the one that failed, or all end because they were told to.
        await Task.WhenAny(parts);
        await failed.CancelAsync();
        await Task.WhenAll(parts);
    }

    private async Task OnScheduleAsync(ShopPipeline pipeline, CancellationToken cancellationToken)
    {
        using var clock = new PeriodicTimer(every);
        progress.Report("the first batch runs");
        var (batches, proven) = (0, (long?)null);
        do
        {
            var isLoaded = progress.Streaming.IsCompleted;
            await pipeline.BatchAsync(cancellationToken);
            if (isLoaded && (proven is not { } last || Stopwatch.GetElapsedTime(last) > BetweenFullProofs))
            {
                progress.Report("all rows are compared");
                await pipeline.ProveAsync(cancellationToken);
                proven = Stopwatch.GetTimestamp();
            }

            var judged = progress.Judged;
            progress.Report(
                $"batch {++batches} is done; {judged.Proofs} proofs were judged so far, in which {judged.KeysDifferent} keys differed");
        }
        while (await clock.WaitForNextTickAsync(cancellationToken));
    }
}
