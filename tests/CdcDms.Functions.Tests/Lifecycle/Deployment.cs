using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using CdcDms.Functions.Aws;
using CdcDms.Functions.Lifecycle;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Tests.Lifecycle;

/// <summary>CloudFormation's side of a deployment: sends events to the function and receives what it puts to the response URL.</summary>
internal sealed class Deployment : IDisposable
{
    public const string StackId = "arn:aws:cloudformation:eu-central-1:123456789012:stack/dev-Replication/0f6a1e40-c7a8-11f0-9a3e-0a1b2c3d4e5f";

    private const string PreSigned = "/bucket/arn%3Aaws%3Acloudformation%3Aeu-central-1%3A123456789012%3Astack/dev%7CBefore%7C1?X-Amz-Expires=7200&X-Amz-Signature=aa%2Fbb";
    private readonly HttpStandIn _cloudFormation;
    private readonly HttpStandIn _responseUrl;

    public Deployment()
    {
        _cloudFormation = new HttpStandIn(request => Signature.Fault(request, "cloudformation") is { } fault
            ? (403, $"<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>{fault}</Message></Error></ErrorResponse>")
            : (200, $"<DescribeStacksResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><DescribeStacksResult><Stacks><member><StackStatus>{StackStatus}</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"));
        _responseUrl = new HttpStandIn(request =>
        {
            Put.Add(request);
            return (200, "");
        });
    }

    public DmsStandIn Dms { get; } = new();

    public string StackStatus { get; set; } = "UPDATE_IN_PROGRESS";

    /// <summary>What came to the response URL.</summary>
    public List<WireRequest> Put { get; } = [];

    /// <summary>How long the function may wait; the tests that reach it set it low.</summary>
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(20);

    public static LifecycleProperties Before(int generation = 1) => new()
    {
        Moment = LifecycleMoment.Before,
        Kind = ReplicationKind.Task,
        Identifier = $"shop-{generation}",
        Generation = generation,
        Fingerprint = "a",
        Identity = new Dictionary<string, string> { ["instance identifier"] = $"shop-{generation}", ["source endpoint KMS key"] = "key" },
    };

    public static LifecycleProperties After(int generation = 1) => Before(generation) with { Moment = LifecycleMoment.After };

    public Task<Answer> CreateAsync(LifecycleProperties properties) => SendAsync("Create", Json(properties), null);

    public Task<Answer> UpdateAsync(LifecycleProperties from, LifecycleProperties to) => SendAsync("Update", Json(to), Json(from));

    public Task<Answer> DeleteAsync(LifecycleProperties properties) => SendAsync("Delete", Json(properties), null);

    public async Task<Answer> SendAsync(string requestType, JsonNode? properties, JsonNode? old)
    {
        var request = new JsonObject
        {
            ["RequestType"] = requestType,
            ["ServiceToken"] = "arn:aws:lambda:eu-central-1:123456789012:function:lifecycle",
            ["ResponseURL"] = new Uri(_responseUrl.Url, PreSigned).AbsoluteUri,
            ["StackId"] = StackId,
            ["RequestId"] = "request-1",
            ["LogicalResourceId"] = "Lifecycle",
            ["ResourceType"] = "Custom::CdcDmsLifecycle",
            ["ResourceProperties"] = properties,
        };
        if (requestType != "Create")
            request["PhysicalResourceId"] = "given-before";
        if (old is not null)
            request["OldResourceProperties"] = old;

        var credentials = new SessionAWSCredentials(Signature.AccessKey, Signature.SecretKey, Signature.Token);
        var function = new LifecycleFunction(
            new DmsApi(new AwsApi(Dms.Url, "dms", Signature.Region, credentials)),
            new StackStatus(new AwsApi(_cloudFormation.Url, "cloudformation", Signature.Region, credentials)),
            poll: TimeSpan.FromMilliseconds(5));
        var invocation = new Invocation { RequestId = "1", DeadlineUtc = DateTime.UtcNow + TimeSpan.FromSeconds(30) + Wait };
        await function.HandleAsync(JsonSerializer.SerializeToUtf8Bytes(request), invocation, TestContext.Current.CancellationToken);
        Assert.Equal(("PUT", PreSigned), (Put[^1].Method, Put[^1].RawUrl));
        return JsonSerializer.Deserialize<Answer>(Put[^1].Body)!;
    }

    public static JsonObject Json(LifecycleProperties properties)
    {
        var json = JsonSerializer.SerializeToNode(properties.ToResourceProperties())!.AsObject();
        json["ServiceToken"] = "arn:aws:lambda:eu-central-1:123456789012:function:lifecycle";
        return json;
    }

    public void Dispose()
    {
        Dms.Dispose();
        _cloudFormation.Dispose();
        _responseUrl.Dispose();
    }
}

internal sealed record Answer(string Status, string? Reason, string PhysicalResourceId, string StackId, string RequestId, string LogicalResourceId)
{
    public void Succeeded() => Assert.Equal(("SUCCESS", null), (Status, Reason));

    public void Failed(string because)
    {
        Assert.Equal("FAILED", Status);
        Assert.Contains(because, Reason, StringComparison.Ordinal);
    }
}
