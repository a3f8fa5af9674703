using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>
/// Makes change files of the messages that DMS writes into a Kinesis stream. It decides nothing about rows: the merge orders them by their
/// versions, however often and in whatever order they come. What it writes is a function of the records alone, names and bytes; so a batch
/// that is tried again writes the same objects, and one that is tried in halves writes the same changes once more. Only the folder of
/// changes that come more than a day after their commit is that of the day before they are written.
/// </summary>
/// <param name="s3">S3.</param>
/// <param name="lake">The lake.</param>
/// <param name="generation">The generation of the task that writes into the stream.</param>
/// <param name="tables">The tables.</param>
/// <param name="shards">The stream.</param>
/// <param name="time">Tells which changes come late; the system's clock when null.</param>
public sealed class Transcoder(
    IAmazonS3 s3, LakeUri lake, int generation, DefinedTables tables, IShards shards, TimeProvider? time = null)
{
    private const int ParallelUploads = 8;

    /// <summary>
    /// Transcodes a batch. When it returns, everything is in the lake, and markers that still have to go through all shards are in them.
    /// </summary>
    /// <exception cref="CdcDmsException">
    /// An object was not written, or a marker not passed on; nothing is lost when the batch is tried again.
    /// </exception>
    public async Task<StreamOutput> RunAsync(StreamBatch batch, CancellationToken cancellationToken)
    {
        using var copy = new ParquetCopy();
        var transcoded = TranscodedBatch.Read(batch, tables);
        var (uploads, passages) = (new List<PutObjectRequest>(), new List<PutObjectRequest>());
        var rows = 0L;
        foreach (var file in transcoded.Files)
        {
            var (path, written) = copy.Write(file, cancellationToken);
            rows += written;
            (file.Table == MarkerTable.Name ? passages : uploads).Add(
                new PutObjectRequest { Key = KeyOf(file, batch.Range), FilePath = path });
        }

        var files = uploads.Count + passages.Count;
        var rejects = transcoded.Rejected.Count > 0 ? lake.RejectsKey(generation, batch.Range) : null;
        if (rejects is not null)
            uploads.Add(new PutObjectRequest { Key = rejects, InputStream = transcoded.Rejected.Lines });
        var output = new StreamOutput
        {
            Read = batch.Records.Count,
            Rows = rows,
            Control = transcoded.Control,
            Ignored = transcoded.Ignored,
            Rejected = transcoded.Rejected.Count,
            Passed = transcoded.Markers.Count,
            Files = files,
            Rejects = rejects,
            Alterations = transcoded.Alterations,
        };
        // A defect of ours: nothing is written, and the records stay in the stream.
        if (!output.Balance())
            throw new InvalidOperationException($"Not every record of the batch has one fate: {output}");
        await PutAsync(uploads, cancellationToken);
        // A marker says that all before it is in the lake, so nothing of the batch may fail after its passage or after it was passed on.
        await PutAsync(passages, cancellationToken);
        await PassAsync(transcoded.Markers, cancellationToken);
        copy.KeepDuckDb();
        return output;
    }

    private async Task PassAsync(IReadOnlyList<MarkerMessage> markers, CancellationToken cancellationToken)
    {
        if (markers.Count == 0)
            return;
        var open = await shards.OpenAsync(cancellationToken);
        MarkerMessage.RefuseGaps(open);
        foreach (var marker in markers)
            await marker.PutAsync(shards, open, cancellationToken);
    }

    private string KeyOf(StreamedFile file, ShardRange range) => lake.TablePrefix(file.Table, generation)
        + (file.Committed is { } day ? range.CdcName(FolderOf(day), file.Shape) : range.LoadName(file.Shape));

    // A shard can stand still for days while others go on, and listings begin two days before the newest folder of which a file was merged.
    // A source's clock may have been ahead.
    private DateOnly FolderOf(DateOnly committed)
    {
        var today = DateOnly.FromDateTime((time ?? TimeProvider.System).GetUtcNow().UtcDateTime);
        return committed < today.AddDays(-1) ? today.AddDays(-1)
            : committed > today.AddDays(1) ? today.AddDays(1)
            : committed;
    }

    private Task PutAsync(IReadOnlyList<PutObjectRequest> uploads, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        uploads,
        new ParallelOptions { MaxDegreeOfParallelism = ParallelUploads, CancellationToken = cancellationToken },
        async (upload, token) => await PutAsync(upload, token));

    private Task PutAsync(PutObjectRequest upload, CancellationToken cancellationToken)
    {
        upload.BucketName = lake.Bucket;
        // Other servers than AWS do not always know the aws-chunked encoding.
        upload.UseChunkEncoding = false;
        return LakeFault.TellAsync(
            $"s3://{lake.Bucket}/{upload.Key} was not written, and its records stay in the stream",
            () => s3.PutObjectAsync(upload, cancellationToken));
    }
}
