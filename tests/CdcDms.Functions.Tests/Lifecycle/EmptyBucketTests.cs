using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using CdcDms.Aws;
using CdcDms.Functions.Aws;
using CdcDms.Functions.Lifecycle;
using CdcDms.Functions.Tests.Aws;

namespace CdcDms.Functions.Tests.Lifecycle;

public sealed class EmptyBucketTests : IAsyncLifetime
{
    private readonly TestServers _servers;
    private readonly S3WithUploads _s3;
    private readonly HttpStandIn _cloudFormation;
    private readonly HttpStandIn _responseUrl;
    private string _bucket = "";
    private string _stackStatus = "DELETE_IN_PROGRESS";
    private JsonNode? _answer;

    public EmptyBucketTests(TestServers servers)
    {
        _servers = servers;
        _s3 = new S3WithUploads(servers);
        _cloudFormation = new HttpStandIn(_ => (200, $"<Stacks><member><StackStatus>{_stackStatus}</StackStatus></member></Stacks>"));
        _responseUrl = new HttpStandIn(request =>
        {
            _answer = JsonNode.Parse(request.Body);
            return (200, "");
        });
    }

    public async ValueTask InitializeAsync() => _bucket = (await _servers.CreateLakeAsync()).Bucket;

    public ValueTask DisposeAsync()
    {
        _s3.Dispose();
        _cloudFormation.Dispose();
        _responseUrl.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task More_objects_than_a_page_has_and_uploads_that_nobody_ended_go_with_the_stack()
    {
        await PutAsync(1005);
        _s3.Uploads.AddRange(["half", "another"]);

        Assert.Equal("", await SendAsync("Delete", _bucket) ?? "");

        Assert.Equal(0, await CountAsync());
        Assert.Empty(_s3.Uploads);
        Assert.Equal(2, _s3.Deletions);
        Assert.Equal("", await SendAsync("Delete", _bucket) ?? "");
    }

    [Theory]
    [InlineData("Create", "CREATE_IN_PROGRESS")]
    [InlineData("Update", "UPDATE_IN_PROGRESS")]
    // The lake is kept from now on: an update leaves the resource out.
    [InlineData("Delete", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")]
    [InlineData("Delete", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")]
    public async Task Nothing_is_deleted_as_long_as_the_stack_stays(string request, string status)
    {
        await PutAsync(1);
        _stackStatus = status;

        Assert.Equal("", await SendAsync(request, _bucket) ?? "");

        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Another_bucket_than_its_own_is_refused()
    {
        await PutAsync(1);

        Assert.StartsWith(
            $"The bucket '{_bucket}' was not emptied: the function empties 'other' alone",
            await SendAsync("Delete", _bucket, own: "other"));
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task What_S3_keeps_or_refuses_is_told()
    {
        await PutAsync(1);
        _s3.Kept = "<DeleteResult><Error><Key>files/0</Key><Code>AccessDenied</Code><Message>No</Message></Error></DeleteResult>";

        Assert.Contains("S3 keeps 1 of 1 objects, the first of them files/0 (AccessDenied).", await SendAsync("Delete", _bucket));
        Assert.Contains(
            "The bucket no-such-bucket was not emptied: S3 says NoSuchBucket",
            await SendAsync("Delete", "no-such-bucket", own: "no-such-bucket"));
    }

    /// <returns>Why the request failed; null when it succeeded.</returns>
    private async Task<string?> SendAsync(string requestType, string bucket, string? own = null)
    {
        var credentials = new SessionAWSCredentials(SignatureCheck.AccessKey, SignatureCheck.SecretKey, SignatureCheck.Token);
        var stacks = new StackStatus(new AwsApi(_cloudFormation.Url, "cloudformation", SignatureCheck.Region, credentials));
        var request = new JsonObject
        {
            ["RequestType"] = requestType,
            ["ResponseURL"] = _responseUrl.Url.AbsoluteUri,
            ["StackId"] = StackDeployment.StackId,
            ["RequestId"] = "request-1",
            ["LogicalResourceId"] = "Emptying",
            ["ResourceProperties"] = new JsonObject
            {
                ["ServiceToken"] = "arn:aws:lambda:eu-central-1:123456789012:function:empty-bucket",
                ["ServiceTimeout"] = "900",
                ["bucket"] = bucket,
            },
        };
        await new EmptyBucketFunction(_s3.S3, stacks, own ?? _bucket)
            .HandleAsync(JsonSerializer.SerializeToUtf8Bytes(request), TestContext.Current.CancellationToken);
        Assert.Equal((string?)_answer!["Reason"] is null ? "SUCCESS" : "FAILED", (string?)_answer!["Status"]);
        return (string?)_answer["Reason"];
    }

    private Task PutAsync(int count) => Parallel.ForAsync(
        0, count, async (number, cancellationToken) => await _servers.S3.PutObjectAsync(
            new() { BucketName = _bucket, Key = $"files/{number}", ContentBody = "x" }, cancellationToken));

    private async Task<int> CountAsync() =>
        (await _servers.S3.ListObjectsV2Async(new() { BucketName = _bucket })).S3Objects?.Count ?? 0;
}
