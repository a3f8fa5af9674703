using System.Diagnostics;

namespace CdcDms.Local.Streaming;

/// <summary>Reads one shard and gives its records to a function, in batches, one at a time.</summary>
internal sealed class ShardReader(StreamCalls stream, InvokedFunction function, TimeSpan window, string shard)
{
    // A batch ends with as many records, or with as many bytes of the event as Lambda passes on (AWS: Lambda, Kinesis event source
    // mappings: BatchSize; Lambda quotas: invocation payload).
    private const int MostRecords = 10_000;
    private const int MostBytes = 6_000_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly List<ReadRecord> _batch = [];
    private long _batchBegan;
    private int _bytes;
    private string? _lastRead;

    /// <summary>The shard.</summary>
    public string Shard => shard;

    /// <summary>
    /// For how long an iterator is used at most: it ends after five minutes (AWS: Kinesis, GetRecords), and a batch may fail for longer.
    /// </summary>
    public TimeSpan IteratorLasts { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>Records that were read.</summary>
    public long Records { get; private set; }

    /// <summary>Batches that succeeded.</summary>
    public long Batches { get; private set; }

    /// <summary>How many times the shard was found empty, with no record of it on the way.</summary>
    public long EmptyLooks { get; private set; }

    /// <summary>Whether the shard takes no more records, and all were read.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Reads until the shard ends.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string? iterator = await stream.FirstAsync(shard, cancellationToken);
        while (iterator is not null)
        {
            var page = await stream.ReadAsync(iterator, MostRecords, cancellationToken);
            var got = Stopwatch.GetTimestamp();
            iterator = page.NextShardIterator;
            foreach (var record in page.Records)
                await AddAsync(record, cancellationToken);
            if (_batch.Count > 0 && (iterator is null || Stopwatch.GetElapsedTime(_batchBegan) >= window))
                await GiveBatchAsync(cancellationToken);
            if (iterator is not null && _lastRead is not null && Stopwatch.GetElapsedTime(got) > IteratorLasts)
                iterator = await stream.AfterAsync(shard, _lastRead, cancellationToken);
            if (page.Records.Count > 0)
                continue;
            if (_batch.Count == 0)
                EmptyLooks++;
            await Task.Delay(Pause, cancellationToken);
        }

        HasEnded = true;
    }

    private async Task AddAsync(ReadRecord record, CancellationToken cancellationToken)
    {
        Records++;
        _lastRead = record.SequenceNumber;
        if (_batch.Count == MostRecords || (_batch.Count > 0 && _bytes + InvokedFunction.BytesOf(record) > MostBytes))
            await GiveBatchAsync(cancellationToken);
        if (_batch.Count == 0)
            _batchBegan = Stopwatch.GetTimestamp();
        _batch.Add(record);
        _bytes += InvokedFunction.BytesOf(record);
    }

    private async Task GiveBatchAsync(CancellationToken cancellationToken)
    {
        await GiveAsync([.. _batch], cancellationToken);
        _batch.Clear();
        _bytes = 0;
        Batches++;
    }

    // A batch that fails is given in halves (AWS: BisectBatchOnFunctionError), a single record again and again (MaximumRetryAttempts -1):
    // the shard waits for it.
    private async Task GiveAsync(ReadRecord[] records, CancellationToken cancellationToken)
    {
        while (!await function.TakesAsync(shard, records, cancellationToken))
        {
            await Task.Delay(AfterFailure, cancellationToken);
            if (records.Length == 1)
                continue;
            await GiveAsync(records[..(records.Length / 2)], cancellationToken);
            records = records[(records.Length / 2)..];
        }
    }
}
