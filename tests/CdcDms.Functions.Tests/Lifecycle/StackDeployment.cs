using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using CdcDms.Aws;
using CdcDms.Functions.Aws;
using CdcDms.Functions.Lifecycle;
using CdcDms.Functions.Tests.Aws;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Tests.Lifecycle;

/// <summary>CloudFormation's side of a deployment: sends requests to the function and receives what it puts to the response URL.</summary>
internal sealed class StackDeployment : IDisposable
{
    public const string StackId =
        "arn:aws:cloudformation:eu-central-1:123456789012:stack/dev-Replication/0f6a1e40-c7a8-11f0-9a3e-0a1b2c3d4e5f";

    private const string ServiceToken = "arn:aws:lambda:eu-central-1:123456789012:function:lifecycle";
    private const string PreSigned =
        "/bucket/arn%3Aaws%3Acloudformation%3Aeu-central-1%3A123456789012%3Astack/dev%7CBefore%7C1"
        + "?X-Amz-Expires=7200&X-Amz-Signature=aa%2Fbb";

    private readonly HttpStandIn _cloudFormation;
    private readonly HttpStandIn _responseUrl;

    public StackDeployment()
    {
        _cloudFormation = new HttpStandIn(DescribeStacks);
        _responseUrl = new HttpStandIn(request =>
        {
            Put.Add(request);
            return (200, "");
        });
    }

    public DmsStandIn Dms { get; } = new();

    public ExecutionsStandIn StepFunctions { get; } = new();

    public string StackStatus { get; set; } = "UPDATE_IN_PROGRESS";

    /// <summary>Looks at the stack that are refused because there were too many, before any is answered.</summary>
    public int StackThrottled { get; set; }

    /// <summary>What came to the response URL.</summary>
    public List<WireRequest> Put { get; } = [];

    /// <summary>The clock of the function's waits, so that no test waits.</summary>
    public LeapingClock Clock { get; } = new();

    /// <summary>What the function writes of what is done on purpose.</summary>
    public StringWriter Log { get; } = new();

    /// <summary>Time that Lambda gives to each call.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(15);

    public static LifecycleProperties Before(int generation = 1) => new()
    {
        Moment = LifecycleMoment.Before,
        Kind = ReplicationKind.Task,
        Identifier = $"shop-{generation}",
        Generation = generation,
        Fingerprint = "a",
        Identity = new Dictionary<string, string>
        {
            ["instance identifier"] = $"shop-{generation}",
            ["source endpoint KMS key"] = "key",
        },
    };

    public static LifecycleProperties After(int generation = 1) => Before(generation) with { Moment = LifecycleMoment.After };

    public Task<ReceivedAnswer> CreateAsync(LifecycleProperties properties) => SendAsync("Create", Json(properties), null);

    public Task<ReceivedAnswer> UpdateAsync(LifecycleProperties from, LifecycleProperties to) => SendAsync("Update", Json(to), Json(from));

    public Task<ReceivedAnswer> DeleteAsync(LifecycleProperties properties) => SendAsync("Delete", Json(properties), null);

    public async Task<ReceivedAnswer> SendAsync(string requestType, JsonNode? properties, JsonNode? old)
    {
        var request = new JsonObject
        {
            ["RequestType"] = requestType,
            ["ServiceToken"] = ServiceToken,
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

        var credentials = new SessionAWSCredentials(SignatureCheck.AccessKey, SignatureCheck.SecretKey, SignatureCheck.Token);
        var function = new LifecycleFunction(
            new DmsApi(new AwsApi(Dms.Url, "dms", SignatureCheck.Region, credentials)),
            new StackStatus(new AwsApi(_cloudFormation.Url, "cloudformation", SignatureCheck.Region, credentials)),
            new Executions(new AwsApi(StepFunctions.Url, "states", SignatureCheck.Region, credentials)),
            Log);
        var invocation = new Invocation
        {
            RequestId = "1",
            DeadlineUtc = Clock.GetUtcNow().UtcDateTime + Timeout,
            Clock = Clock,
        };
        await function.HandleAsync(JsonSerializer.SerializeToUtf8Bytes(request), invocation, TestContext.Current.CancellationToken);
        Assert.Equal(("PUT", PreSigned), (Put[^1].Method, Put[^1].RawUrl));
        return JsonSerializer.Deserialize<ReceivedAnswer>(Put[^1].Body)!;
    }

    public static JsonObject Json(LifecycleProperties properties)
    {
        var json = JsonSerializer.SerializeToNode(properties.ToResourceProperties())!.AsObject();
        json["ServiceToken"] = ServiceToken;
        return json;
    }

    public void Dispose()
    {
        Dms.Dispose();
        StepFunctions.Dispose();
        _cloudFormation.Dispose();
        _responseUrl.Dispose();
        Log.Dispose();
    }

    private (int Status, string Body) DescribeStacks(WireRequest request) =>
        SignatureCheck.Fault(request, "cloudformation") is { } fault
            ? (403, $"<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>{fault}</Message></Error></ErrorResponse>")
            : StackThrottled-- > 0
            ? (400, "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>")
            : (200, $"""
                <DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>
                <member><StackStatus>{StackStatus}</StackStatus></member>
                </Stacks></DescribeStacksResult></DescribeStacksResponse>
                """);
}

/// <summary>An answer as CloudFormation reads it.</summary>
internal sealed record ReceivedAnswer(
    string Status, string? Reason, string PhysicalResourceId, string StackId, string RequestId, string LogicalResourceId)
{
    public void Succeeded() => Assert.Equal(("SUCCESS", null), (Status, Reason));

    public void Failed(string because)
    {
        Assert.Equal("FAILED", Status);
        Assert.Contains(because, Reason, StringComparison.Ordinal);
    }
}
