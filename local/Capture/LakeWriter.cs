using System.Globalization;
using System.Net;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Local.Capture;

/// <summary>The lake as the capture uses it. A failure of S3 comes out as one sentence.</summary>
internal sealed class LakeWriter(IAmazonS3 s3, LakeUri lake, TimeProvider clock)
{
    /// <summary>
    /// When the newest CDC file was made, as its name says; at the beginning, when the one that the checkpoint knows was. Later names are
    /// always higher.
    /// </summary>
    public DateTime LastMadeUtc { get; set; }

    /// <summary>The tables of which CDC files were written since the checkpoint was.</summary>
    public ISet<TableName> Unspoken { get; } = new HashSet<TableName>();

    /// <summary>Writes the statement that a table's full load is complete.</summary>
    public Task WriteManifestAsync(SnapshotManifest manifest, CancellationToken cancellationToken) =>
        PutTextAsync(
            lake.ManifestKey(new TableName(manifest.Schema, manifest.Name), manifest.Generation),
            JsonSerializer.Serialize(manifest, ContractJson.Default.SnapshotManifest), cancellationToken);

    /// <summary>Uploads a LOAD file.</summary>
    /// <returns>Its entry in the manifest.</returns>
    public async Task<ManifestObject> PutLoadAsync(
        TableName table, int generation, int number, string path, CancellationToken cancellationToken)
    {
        var key = lake.LoadKey(table, generation, number);
        var eTag = await PutAsync(new PutObjectRequest { BucketName = lake.Bucket, Key = key, FilePath = path }, cancellationToken);
        File.Delete(path);
        return new ManifestObject { Key = key, ETag = eTag! };
    }

    /// <summary>
    /// Uploads a CDC file under a name that was never used: one that is taken, or would be twice in this millisecond, gives way to a later
    /// one. An upload whose answer was lost may leave the file twice; its changes are then there twice, with the same sequences.
    /// </summary>
    public async Task PutCdcAsync(TableName table, int generation, DateTime commitUtc, string path, CancellationToken cancellationToken)
    {
        string? eTag;
        Unspoken.Add(table);
        do
        {
            var now = clock.GetUtcNow().UtcDateTime;
            LastMadeUtc = now > LastMadeUtc.AddMilliseconds(1) ? now : LastMadeUtc.AddMilliseconds(1);
            var request = new PutObjectRequest
            {
                BucketName = lake.Bucket,
                Key = lake.CdcKey(table, generation, commitUtc, LastMadeUtc),
                FilePath = path,
                IfNoneMatch = "*",
            };
            eTag = await PutAsync(request, cancellationToken);
        }
        while (eTag is null);

        File.Delete(path);
    }

    /// <summary>The number of a table's last LOAD file; 0 when there is none.</summary>
    public async Task<int> LastLoadAsync(TableName table, int generation, CancellationToken cancellationToken)
    {
        var last = 0;
        await foreach (var key in LoadsAsync(table, generation, cancellationToken))
            last = int.Parse(Path.GetFileNameWithoutExtension(key)["LOAD".Length..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return last;
    }

    /// <summary>
    /// Deletes the LOAD files of a table that was given up, also those of snapshots that were killed before: back to the newest generation
    /// in which the table was complete.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="generation">The generation in which it was given up.</param>
    public async Task DeleteLoadsAsync(TableName table, int generation, CancellationToken cancellationToken)
    {
        do
        {
            // A whole list, because what it names is deleted while it is read.
            foreach (var key in await LoadsAsync(table, generation, cancellationToken).ToListAsync(cancellationToken))
                await TellAsync(() => s3.DeleteObjectAsync(lake.Bucket, key, cancellationToken));
        }
        while (--generation > 0 && !await HasManifestAsync(table, generation, cancellationToken));
    }

    /// <summary>Whether a table has CDC files that were made after a time.</summary>
    public async Task<bool> HasNewerAsync(TableName table, int generation, DateTime sinceUtc, CancellationToken cancellationToken) =>
        await ListAsync(lake.TablePrefix(table, generation), cancellationToken)
            .AnyAsync(key => ChangeFileName.IsCdc(key) && ChangeFileName.TimeOf(key) > sinceUtc, cancellationToken);

    /// <summary>The newest generation that has a folder in the lake; 0 for none.</summary>
    public async Task<int> NewestGenerationAsync(CancellationToken cancellationToken) =>
        await new LakeReader(s3, lake).GenerationsAsync(cancellationToken).LastOrDefaultAsync(cancellationToken);

    private async Task<bool> HasManifestAsync(TableName table, int generation, CancellationToken cancellationToken) =>
        await ListAsync(lake.ManifestKey(table, generation), cancellationToken).AnyAsync(cancellationToken);

    private IAsyncEnumerable<string> LoadsAsync(TableName table, int generation, CancellationToken cancellationToken) =>
        ListAsync($"{lake.TablePrefix(table, generation)}LOAD", cancellationToken);

    private IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) =>
        s3.ListAsync(new ListObjectsV2Request { BucketName = lake.Bucket, Prefix = prefix }, cancellationToken).Select(found => found.Key);

    private async Task PutTextAsync(string key, string text, CancellationToken cancellationToken) =>
        await PutAsync(
            new PutObjectRequest { BucketName = lake.Bucket, Key = key, ContentBody = text, ContentType = "application/json" },
            cancellationToken);

    /// <returns>The ETag, or null when the request was for a new object and there is one.</returns>
    private Task<string?> PutAsync(PutObjectRequest request, CancellationToken cancellationToken) => TellAsync(async () =>
    {
        // Other servers than AWS do not always know the aws-chunked encoding.
        request.UseChunkEncoding = false;
        try
        {
            return LakeListing.PlainETag((await s3.PutObjectAsync(request, cancellationToken)).ETag);
        }
        catch (AmazonS3Exception fault) when (request.IfNoneMatch is not null && fault.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            return null;
        }
    });

    private Task<T> TellAsync<T>(Func<Task<T>> call) => LakeFault.TellAsync($"The lake {lake} was not read or written", call);
}
