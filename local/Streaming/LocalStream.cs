using System.Globalization;
using System.Text.Json;
using Amazon.S3;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Local.LambdaHost;
using CdcDms.Local.Services;

namespace CdcDms.Local.Streaming;

/// <summary>
/// The route through a stream on one machine: what the capture writes is put into a stream as DMS's messages, and the published function
/// makes change files of them.
/// </summary>
internal sealed class LocalStream : IAsyncDisposable
{
    /// <summary>Seconds that a batch waits for more records at most.</summary>
    public const int WindowSeconds = 1;

    /// <summary>The stream's name, which tells its generation as on AWS.</summary>
    public const string StreamName = "cdcdms-local-stream-g1";

    private const int Shards = 2;
    private const int Generation = 1;
    private const int TimeoutSeconds = 300;
    private const int MemoryMegabytes = 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _ends = new();
    private readonly EmbeddedKinesis _kinesis;
    private readonly LocalLambda _lambda;
    private readonly IAmazonS3 _s3;
    private readonly StreamCalls _stream;
    private readonly MessageWriter _writer;
    private readonly EventSourceMapping _mapping;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly string _tables;
    private readonly Task _runs;

    private LocalStream(
        EmbeddedKinesis kinesis, LocalLambda lambda, IAmazonS3 s3, LakeUri captured, StreamCalls stream, string tablesFile,
        IReadOnlyList<TableDefinition> tables, Action<string> failed)
    {
        (_kinesis, _lambda, _s3, Captured, _stream, _tables) = (kinesis, lambda, s3, captured, stream, tablesFile);
        _writer = new MessageWriter(s3, captured, stream, [MarkerTable.Definition, .. tables]);
        _mapping = new EventSourceMapping(
            stream, new InvokedFunction(lambda.Endpoint, FunctionNames.Stream, stream.Arn, failed), TimeSpan.FromSeconds(WindowSeconds));
        _runs = RunAsync();
    }

    /// <summary>Where the stream's server is.</summary>
    public Uri Endpoint => _kinesis.Endpoint;

    /// <summary>The lake that the capture writes.</summary>
    public LakeUri Captured { get; }

    /// <summary>What went through the stream so far.</summary>
    public (long Messages, int Shards, long Batches) Totals => (_writer.Messages, _mapping.Shards, _mapping.Batches);

    /// <summary>Starts all of it.</summary>
    /// <param name="s3">Where the lake is.</param>
    /// <param name="lake">The lake.</param>
    /// <param name="bundle">Folder of the published functions.</param>
    /// <param name="tables">The tables, with keys and types.</param>
    /// <param name="failed">Hears what the function answers when it fails; it gets the same records again.</param>
    /// <exception cref="CdcDmsException">Kinesis did not start.</exception>
    public static async Task<LocalStream> StartAsync(
        EmbeddedS3 s3, LakeUri lake, string bundle, IReadOnlyList<TableDefinition> tables, Action<string> failed,
        CancellationToken cancellationToken)
    {
        var kinesis = await EmbeddedKinesis.StartAsync(cancellationToken);
        try
        {
            var stream = new StreamCalls(kinesis.Endpoint, StreamName);
            await stream.CreateAsync(Shards, cancellationToken);
            var captured = new LakeUri($"{lake.Bucket}-captured", "");
            await s3.CreateBucketAsync(captured.Bucket, cancellationToken);
            var file = Path.GetTempFileName();
            await File.WriteAllTextAsync(
                file, JsonSerializer.Serialize(tables, ContractJson.Default.IReadOnlyListTableDefinition), cancellationToken);
            var lambda = await LocalLambda.StartAsync([Function(s3, lake, kinesis, bundle, file)], _ => { }, cancellationToken);
            return new LocalStream(kinesis, lambda, s3.Connect(), captured, stream, file, tables, failed);
        }
        catch
        {
            await kinesis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until all that was captured is in the lake.</summary>
    /// <exception cref="CdcDmsException">The route failed.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(cancellationToken);
        var drained = _mapping.DrainAsync(cancellationToken);
        await await Task.WhenAny(drained, _runs);
    }

    /// <summary>Splits a shard that is open, as a stream does that gets more to do.</summary>
    /// <exception cref="CdcDmsException">Kinesis refused.</exception>
    public async Task SplitAsync(CancellationToken cancellationToken) =>
        await _stream.SplitAsync((await _stream.ShardsAsync(cancellationToken)).First(shard => shard.IsOpen), cancellationToken);

    /// <summary>Throws what made the route fail, if it did.</summary>
    /// <exception cref="CdcDmsException">It failed.</exception>
    public void ThrowIfFailed()
    {
        if (_runs.IsFaulted)
            _runs.GetAwaiter().GetResult();
    }

    private async Task RunAsync()
    {
        var writing = WriteAlwaysAsync();
        var reading = _mapping.RunAsync(_ends.Token);
        await await Task.WhenAny(writing, reading);
    }

    private async Task WriteAlwaysAsync()
    {
        while (true)
        {
            await WriteAsync(_ends.Token);
            await Task.Delay(Pause, _ends.Token);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _writer.WriteAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static LocalFunction Function(
        EmbeddedS3 s3, LakeUri lake, EmbeddedKinesis kinesis, string bundle, string tables) => new()
        {
            Name = FunctionNames.Stream,
            BundleFolder = bundle,
            Handler = "CdcDms.Functions",
            TimeoutSeconds = TimeoutSeconds,
            MemoryMegabytes = MemoryMegabytes,
            Environment = new Dictionary<string, string>
            {
                [FunctionEnvironment.Function] = FunctionNames.Stream,
                [FunctionEnvironment.Lake] = lake.ToString(),
                [FunctionEnvironment.Generation] = Generation.ToString(CultureInfo.InvariantCulture),
                [FunctionEnvironment.Tables] = tables,
                [FunctionEnvironment.S3Endpoint] = s3.Endpoint.ToString(),
                [Aws.Kinesis.EndpointVariable] = kinesis.Endpoint.ToString(),
                ["AWS_REGION"] = StreamCalls.Region,
                ["AWS_ACCESS_KEY_ID"] = s3.AccessKeyId,
                ["AWS_SECRET_ACCESS_KEY"] = s3.SecretAccessKey,
            },
        };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        await _runs.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _lambda.DisposeAsync();
        await _kinesis.DisposeAsync();
        _s3.Dispose();
        _writing.Dispose();
        _ends.Dispose();
        File.Delete(_tables);
    }
}
