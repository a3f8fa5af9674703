using CdcDms.Pipeline.Lake;

namespace CdcDms.Pipeline.Tests.Lake;

/// <summary>What S3 refuses comes out as one sentence.</summary>
public sealed class LakeReaderTests(TestServers servers)
{
    [Fact]
    public async Task A_bucket_that_is_missing_is_named()
    {
        var reader = new LakeReader(servers.S3, new LakeUri("no-such-bucket", "x"));

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => reader.ListAsync("x/", null, CancellationToken.None).AnyAsync().AsTask());

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.Equal("Cannot list s3://no-such-bucket/x/: the bucket does not exist; create it or correct the lake.", fault.Message);
    }

    [Theory]
    [InlineData("InvalidObjectState", "the object is archived; restore it")]
    [InlineData("AccessDenied", "access is denied; check the credentials")]
    public async Task What_is_forbidden_is_told_apart_from_what_is_archived(string code, string sentence)
    {
        var refusal = new Amazon.S3.AmazonS3Exception(
            "no", Amazon.Runtime.ErrorType.Sender, code, requestId: "1", System.Net.HttpStatusCode.Forbidden);

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => LakeFault.TellAsync("Cannot read it", () => Task.FromException<int>(refusal)));

        Assert.StartsWith($"Cannot read it: {sentence}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_told_with_what_to_check()
    {
        using var s3 = LakeClient.Connect(new Uri("http://127.0.0.1:1"), new Amazon.Runtime.BasicAWSCredentials("a", "b"));
        var reader = new LakeReader(s3, new LakeUri("bucket", ""));

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => reader.FetchAsync("key", "etag", "unused", CancellationToken.None));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.StartsWith("Cannot read s3://bucket/key: ", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("; check the region, the endpoint and the network.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_nobody_has_set_are_told_in_one_line()
    {
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => LakeFault.TellAsync<int>(
            "Cannot list s3://lake/", () => throw new Amazon.Runtime.AmazonClientException("Failed to resolve AWS credentials. The\n\nx")));

        Assert.Equal(
            "Cannot list s3://lake/: no AWS credentials are known; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.",
            fault.Message);
    }
}
