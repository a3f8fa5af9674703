using System.Net;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Pipeline.Lake;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Services;

/// <summary>Where the lake's correctness rests on S3's behaviour, the embedded server must behave the same.</summary>
public class EmbeddedS3Tests(TestServers servers)
{
    private readonly IAmazonS3 _s3 = servers.S3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("plain.parquet")]
    [InlineData("public/orders/20261122/20261122-173005129.parquet")]
    [InlineData("with space/and+plus/100%/a&b<c>'d'")]
    [InlineData("\"quoted\"/ünïcödé/日本/😀")]
    [InlineData("we(ird)!*/~tilde/=?#;:@,$")]
    [InlineData("%20/%2F/%")]
    public async Task Any_key_is_written_listed_read_and_deleted_by_its_name(string key)
    {
        var bucket = await BucketAsync();
        await PutAsync(bucket, key, "content");

        var listed = Assert.Single((await ListAsync(bucket)).S3Objects);
        Assert.Equal(key, listed.Key);
        Assert.Equal(key, Assert.Single((await ListAsync(bucket, prefix: key)).S3Objects).Key);
        Assert.Equal("content", await ReadAsync(bucket, key));

        await _s3.DeleteObjectAsync(bucket, key, Cancellation);
        Assert.Empty((await ListAsync(bucket)).S3Objects ?? []);
    }

    [Fact]
    public async Task Pages_hold_every_key_once_in_byte_order()
    {
        var bucket = await BucketAsync();
        string[] keys = ["a-/1", "a.b", "a/1", "a/2/3", "a/2/4", "a/20", "a0", "b", "ｆullwidth", "😀"];
        foreach (var key in keys.Reverse()) await PutAsync(bucket, key, key);

        for (var pageSize = 1; pageSize <= keys.Length; pageSize++)
        {
            var read = new List<string>();
            var request = new ListObjectsV2Request { BucketName = bucket, MaxKeys = pageSize };
            ListObjectsV2Response page;
            do
            {
                page = await _s3.ListObjectsV2Async(request, Cancellation);
                read.AddRange(page.S3Objects.Select(o => o.Key));
                request.ContinuationToken = page.NextContinuationToken;
            }
            while (page.IsTruncated is true);
            Assert.Equal(keys, read);
        }
    }

    [Fact]
    public async Task A_listing_can_start_after_any_key()
    {
        var bucket = await BucketAsync();
        foreach (var key in (string[])["t/2026/01/01/x", "t/2026/01/02/a", "t/2026/01/02/b", "t/2026/02/01/x", "u/x"])
            await PutAsync(bucket, key, "");

        var after = await _s3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = bucket, Prefix = "t/", StartAfter = "t/2026/01/02/a" }, Cancellation);
        Assert.Equal(["t/2026/01/02/b", "t/2026/02/01/x"], after.S3Objects.Select(o => o.Key));

        var afterFolder = await _s3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = bucket, Prefix = "t/", StartAfter = "t/2026/01/02" }, Cancellation);
        Assert.Equal(["t/2026/01/02/a", "t/2026/01/02/b", "t/2026/02/01/x"], afterFolder.S3Objects.Select(o => o.Key));
    }

    [Fact]
    public async Task Folders_are_found_also_when_they_hold_only_folders()
    {
        var bucket = await BucketAsync();
        foreach (var key in (string[])["t/LOAD00000001.parquet", "t/2026/01/01/x", "t/2026/01/02/x", "t/2027/01/01/x"])
            await PutAsync(bucket, key, "");

        var page = await ListAsync(bucket, prefix: "t/", delimiter: "/");

        Assert.Equal(["t/2026/", "t/2027/"], page.CommonPrefixes);
        Assert.Equal(["t/LOAD00000001.parquet"], page.S3Objects.Select(o => o.Key));
        Assert.Equal(["t/2026/01/01/", "t/2026/01/02/"], (await ListAsync(bucket, prefix: "t/2026/01/", delimiter: "/")).CommonPrefixes);
    }

    [Fact]
    public async Task An_etag_and_a_modification_time_stay_and_are_the_same_everywhere()
    {
        var bucket = await BucketAsync();
        var put = await PutAsync(bucket, "x", "content");

        var listed = (await ListAsync(bucket)).S3Objects[0];
        var head = await _s3.GetObjectMetadataAsync(bucket, "x", Cancellation);
        using var got = await _s3.GetObjectAsync(bucket, "x", Cancellation);
        var listedAgain = (await ListAsync(bucket)).S3Objects[0];

        Assert.All([listed.ETag, head.ETag, got.ETag, listedAgain.ETag], etag => Assert.Equal(put.ETag, etag));
        Assert.All([head.LastModified, got.LastModified, listedAgain.LastModified], time => Assert.Equal(listed.LastModified, time));
        Assert.Equal(7, listed.Size);
    }

    [Fact]
    public async Task A_replaced_object_is_not_read_under_its_old_etag()
    {
        var bucket = await BucketAsync();
        var first = await PutAsync(bucket, "x", "first");
        Assert.Equal("first", await ReadAsync(bucket, "x", first.ETag));

        await PutAsync(bucket, "x", "second");

        var refusal = await Assert.ThrowsAsync<AmazonS3Exception>(() => ReadAsync(bucket, "x", first.ETag));
        Assert.Equal(HttpStatusCode.PreconditionFailed, refusal.StatusCode);
    }

    [Fact]
    public async Task A_write_that_must_not_replace_is_refused_when_there_is_something_to_replace()
    {
        var bucket = await BucketAsync();
        var request = new PutObjectRequest { BucketName = bucket, Key = "x", ContentBody = "first", IfNoneMatch = "*" };
        await _s3.PutObjectAsync(request, Cancellation);

        request.ContentBody = "second";
        var refusal = await Assert.ThrowsAsync<AmazonS3Exception>(() => _s3.PutObjectAsync(request, Cancellation));

        Assert.Equal(HttpStatusCode.PreconditionFailed, refusal.StatusCode);
        Assert.Equal("first", await ReadAsync(bucket, "x"));
    }

    [Fact]
    public async Task A_half_uploaded_object_is_neither_listed_nor_read()
    {
        var bucket = await BucketAsync();
        await PutAsync(bucket, "whole", "whole");
        var length = 1 << 20;
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, servers.S3Server.Endpoint.Port, Cancellation);
        var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"PUT /{bucket}/half HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"), Cancellation);
        await stream.WriteAsync(new byte[length / 2], Cancellation);

        Assert.Equal(["whole"], (await ListAsync(bucket)).S3Objects.Select(o => o.Key));
        Assert.Equal("NoSuchKey", (await Assert.ThrowsAsync<NoSuchKeyException>(() => ReadAsync(bucket, "half"))).ErrorCode);

        await stream.WriteAsync(new byte[length - length / 2], Cancellation);
        Assert.StartsWith("HTTP/1.1 200", await new StreamReader(stream).ReadLineAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(length, (await _s3.GetObjectMetadataAsync(bucket, "half", Cancellation)).ContentLength);
    }

    [Fact]
    public async Task Large_and_empty_objects_come_back_byte_for_byte()
    {
        var bucket = await BucketAsync();
        var bytes = new byte[20_000_000];
        new Random(1).NextBytes(bytes);
        await _s3.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = "large", InputStream = new MemoryStream(bytes) }, Cancellation);
        await PutAsync(bucket, "empty", "");

        using var large = await _s3.GetObjectAsync(bucket, "large", Cancellation);
        var read = new MemoryStream();
        await large.ResponseStream.CopyToAsync(read, Cancellation);
        Assert.True(bytes.AsSpan().SequenceEqual(read.ToArray()));
        Assert.Equal("", await ReadAsync(bucket, "empty"));

        using var part = await _s3.GetObjectAsync(
            new GetObjectRequest { BucketName = bucket, Key = "large", ByteRange = new ByteRange(100, 199) }, Cancellation);
        read.SetLength(0);
        await part.ResponseStream.CopyToAsync(read, Cancellation);
        Assert.Equal(bytes[100..200], read.ToArray());
    }

    [Fact]
    public async Task A_missing_bucket_is_not_found()
    {
        var head = await Assert.ThrowsAnyAsync<AmazonS3Exception>(
            () => _s3.HeadBucketAsync(new HeadBucketRequest { BucketName = "no-such-bucket" }, Cancellation));
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        Assert.Equal("NoSuchBucket", (await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => ListAsync("no-such-bucket"))).ErrorCode);
        Assert.Equal("NoSuchBucket", (await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => PutAsync("no-such-bucket", "x", ""))).ErrorCode);
    }

    [Fact]
    public async Task An_unknown_access_key_is_refused()
    {
        using var stranger = LakeClient.Connect(servers.S3Server.Endpoint, new Amazon.Runtime.BasicAWSCredentials("stranger", "secret"));

        var refusal = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => stranger.ListBucketsAsync(Cancellation));
        Assert.Equal("InvalidAccessKeyId", refusal.ErrorCode);
    }

    private async Task<string> BucketAsync() => (await servers.CreateLakeAsync()).Bucket;

    private Task<PutObjectResponse> PutAsync(string bucket, string key, string content) =>
        _s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, ContentBody = content }, Cancellation);

    private Task<ListObjectsV2Response> ListAsync(string bucket, string? prefix = null, string? delimiter = null) =>
        _s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, Prefix = prefix, Delimiter = delimiter }, Cancellation);

    private async Task<string> ReadAsync(string bucket, string key, string? etag = null)
    {
        using var got = await _s3.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = key, EtagToMatch = etag }, Cancellation);
        return await new StreamReader(got.ResponseStream).ReadToEndAsync(Cancellation);
    }
}
