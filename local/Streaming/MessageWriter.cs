using Amazon.S3;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Local.Streaming;

/// <summary>
/// Puts what the capture has written into a stream, as DMS does of a source's changes. A file is removed when all of it is in the stream;
/// one that was only partly put is put again, and its changes are then there twice.
/// </summary>
/// <param name="s3">S3.</param>
/// <param name="captured">The lake that the capture writes, which nobody else reads.</param>
/// <param name="stream">The stream.</param>
/// <param name="tables">The tables, the markers' among them.</param>
internal sealed class MessageWriter(IAmazonS3 s3, LakeUri captured, StreamCalls stream, IReadOnlyList<TableDefinition> tables)
{
    private const int MemoryMegabytes = 64;

    // Kinesis' most for one call (AWS: PutRecords).
    private const int MostTogether = 500;
    private const int MostBytesTogether = 4 << 20;

    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMilliseconds(100);

    private readonly LakeReader _lake = new(s3, captured);

    /// <summary>Messages that were put, each counted once.</summary>
    public long Messages { get; private set; }

    /// <summary>Puts all that was captured until now.</summary>
    /// <exception cref="CdcDmsException">S3 or Kinesis failed.</exception>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var waiting = await WaitingAsync(cancellationToken);
        if (waiting.Count == 0)
            return;
        using var folder = WorkFolder.Create();
        using var duckDb = LentDuckDb.Take(folder, MemoryMegabytes);
        foreach (var (table, key) in waiting)
            await WriteAsync(duckDb.Connection, Path.Combine(folder.Path, "captured.parquet"), table, key, cancellationToken);
        duckDb.Keep();
    }

    /// <summary>
    /// The files in the order in which they were made, those of full loads first. A marker says that all before it was written, so what
    /// was made before a marker that is found must be found too: markers are listed first.
    /// </summary>
    private async Task<IReadOnlyList<(TableDefinition Table, string Key)>> WaitingAsync(CancellationToken cancellationToken)
    {
        var found = new List<(TableDefinition Table, string Key)>();
        foreach (var table in tables.OrderByDescending(table => table.Source == MarkerTable.Name))
            await foreach (var generation in _lake.GenerationsAsync(cancellationToken))
                await foreach (var file in _lake.ListAsync(captured.TablePrefix(table.Source, generation), null, cancellationToken))
                    if (ChangeFileName.IsLoad(file.Key) || ChangeFileName.IsCdc(file.Key))
                        found.Add((table, file.Key));
        return [.. found.OrderBy(file => ChangeFileName.IsLoad(file.Key) ? DateTime.MinValue : ChangeFileName.TimeOf(file.Key))];
    }

    private async Task WriteAsync(
        DuckDbConnection connection, string path, TableDefinition table, string key, CancellationToken cancellationToken)
    {
        await LakeFault.TellAsync($"{key} was not read", async () =>
        {
            using var fetched = await s3.GetObjectAsync(captured.Bucket, key, cancellationToken);
            await fetched.WriteResponseStreamToFileAsync(path, append: false, cancellationToken);
            return true;
        });
        var (batch, bytes) = (new List<PutEntry>(), 0);
        var nowUtc = TimeProvider.System.GetUtcNow().UtcDateTime;
        foreach (var message in DmsMessages.Read(connection, path, table, ChangeFileName.IsLoad(key), nowUtc, cancellationToken))
        {
            batch.Add(message);
            bytes += message.Data.Length;
            if (batch.Count < MostTogether && bytes < MostBytesTogether)
                continue;
            await PutAsync(batch, cancellationToken);
            (batch, bytes) = ([], 0);
        }

        if (batch.Count > 0)
            await PutAsync(batch, cancellationToken);
        await LakeFault.TellAsync($"{key} was not removed", () => s3.DeleteObjectAsync(captured.Bucket, key, cancellationToken));
    }

    // What Kinesis does not take is put again before anything else is: a marker must not overtake a change.
    private async Task PutAsync(IReadOnlyList<PutEntry> messages, CancellationToken cancellationToken)
    {
        var left = await stream.PutAsync(messages, cancellationToken);
        while (left.Count > 0)
        {
            await Task.Delay(AfterRefusal, cancellationToken);
            left = await stream.PutAsync(left, cancellationToken);
        }

        Messages += messages.Count;
    }
}
