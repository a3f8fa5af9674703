using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.Capture;
using CdcDms.Local.Services;
using CdcDms.Local.Streaming;
using CdcDms.Local.Workflow;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Local.Demo;

/// <summary>The shop's way into analytics over embedded services: capture and batches, each told to the progress.</summary>
internal sealed class ShopPipeline : IAsyncDisposable
{
    // Its tables are replaced by the shop's; functions, limits and retries are its own.
    private const string Environment = "dev";

    /// <summary>Seconds after which the capture closes a file at the latest.</summary>
    public const int IntervalSeconds = 2;

    private readonly EmbeddedServices _services;
    private readonly int _markerSeconds;
    private readonly SynthesizedWorkflow _synthesized;
    private readonly LocalWorkflow _workflow;
    private readonly DemoProgress _progress;

    private ShopPipeline(
        EmbeddedServices services,
        SynthesizedWorkflow synthesized,
        LocalWorkflow workflow,
        LocalStream? stream,
        int markerSeconds,
        DemoProgress progress,
        IReadOnlyList<TableDefinition> tables)
    {
        (_services, _synthesized, _workflow, Stream) = (services, synthesized, workflow, stream);
        (_markerSeconds, _progress, Tables) = (markerSeconds, progress, tables);
    }

    /// <summary>Seconds that a marker takes into the lake at most: through a stream it waits for a batch of records twice.</summary>
    public static int MarkerSecondsOf(Route route) => IntervalSeconds + (route == Route.Kinesis ? 2 * LocalStream.WindowSeconds : 0);

    /// <summary>The shop's tables.</summary>
    public IReadOnlyList<TableDefinition> Tables { get; }

    /// <summary>The stream, on the route that has one.</summary>
    public LocalStream? Stream { get; }

    /// <summary>Where the functions can be invoked, also by the AWS command line.</summary>
    public Uri LambdaEndpoint => _workflow.LambdaEndpoint;

    /// <summary>Fills the shop and gets the workflow ready.</summary>
    public static async Task<ShopPipeline> StartAsync(
        EmbeddedServices services, Route route, int rows, DemoProgress progress, CancellationToken cancellationToken)
    {
        progress.Report("filling the shop");
        await Shop.CreateAsync(services.SourceConnectionString, rows, cancellationToken);
        progress.Report("preparing the workflow");
        var folder = await Synthesis.FolderAsync(Environment, progress, cancellationToken);
        var places = new WorkflowPlaces
        {
            Source = services.SourceConnectionString,
            Target = services.AnalyticsConnectionString,
            Lake = services.Lake,
            S3Endpoint = services.S3.Endpoint,
            FileSeconds = MarkerSecondsOf(route),
            Credentials = (services.S3.AccessKeyId, services.S3.SecretAccessKey),
        };
        var synthesized = new SynthesizedWorkflow(folder, Environment);
        progress.Runs.Knows(synthesized);
        var tables = (await new TableDescriber(services.SourceConnectionString).DescribeAsync([], cancellationToken)).Tables;
        progress.Begins(tables);
        var stream = route == Route.Kinesis
            ? await LocalStream.StartAsync(
                services.S3, services.Lake, synthesized.Bundle, tables, progress.StreamFailed, cancellationToken)
            : null;
        return new ShopPipeline(
            services, synthesized, await LocalWorkflow.StartAsync(synthesized, places, _ => { }, cancellationToken), stream,
            places.FileSeconds, progress, tables);
    }

    /// <summary>Captures until cancelled, or until nothing came for a while and all of it is in the lake.</summary>
    public async Task CaptureAsync(TimeSpan? untilIdle, CancellationToken cancellationToken)
    {
        using var s3 = _services.S3.Connect();
        _progress.Ended(await CaptureJob.RunAsync(
            new CaptureOptions
            {
                SourceConnection = _services.SourceConnectionString,
                Lake = Stream?.Captured ?? _services.Lake,
                S3 = s3,
                Tables = Tables,
                IntervalSeconds = IntervalSeconds,
                UntilIdle = untilIdle,
                Progress = _progress,
            },
            cancellationToken));
        if (untilIdle is not null && Stream is not null)
            await Stream.DrainAsync(cancellationToken);
    }

    /// <summary>Writes a marker, as a scheduled function does on AWS, and runs one execution of the workflow.</summary>
    /// <exception cref="CdcDmsException">It failed.</exception>
    public async Task BatchAsync(CancellationToken cancellationToken)
    {
        Stream?.ThrowIfFailed();
        await MarkerWriter.WriteOneAsync(_services.SourceConnectionString, _markerSeconds, cancellationToken);
        RefuseFailed(await RecordAsync(
            _synthesized.Start, hear => _workflow.RunAsync(Tables, hear, cancellationToken)));
    }

    /// <summary>Runs one full proof: whole tables are compared while others write, and the next batches judge what differs.</summary>
    /// <exception cref="CdcDmsException">It failed.</exception>
    public async Task ProveAsync(CancellationToken cancellationToken) =>
        RefuseFailed(await RecordAsync(
            _synthesized.Proof, hear => _workflow.ProveAsync(Tables, hear, cancellationToken)));

    private Task<WorkflowResult> RecordAsync(string machine, Func<Action<WorkflowEvent>, Task<WorkflowResult>> runAsync) =>
        _progress.Runs.RecordAsync(machine, record => runAsync(happened =>
        {
            record(happened);
            _progress.Happened(happened);
        }));

    /// <summary>Compares both databases as they are; nobody may write.</summary>
    /// <returns>What the comparison found of each table.</returns>
    /// <exception cref="CdcDmsException">A table cannot be compared.</exception>
    public async Task<IReadOnlyList<ValidateOutput>> CompareAsync(CancellationToken cancellationToken)
    {
        var validator = new Validator(_services.SourceConnectionString, _services.AnalyticsConnectionString);
        var found = new List<ValidateOutput>();
        foreach (var table in Tables)
            found.Add((await validator.CompareAsync(table, withValues: false, cancellationToken)).Result);
        return found;
    }

    private static void RefuseFailed(WorkflowResult result)
    {
        if (result is WorkflowFailed(var error, var cause))
            throw new CdcDmsException(ErrorKind.BadData, $"The workflow failed: {error}: {cause}");
    }

    /// <summary>Ends the functions, and the stream.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Stream is not null)
            await Stream.DisposeAsync();
        await _workflow.DisposeAsync();
    }
}
