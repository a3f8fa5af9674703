using System.Text.Json.Nodes;
using CdcDms.Functions.Tests.Aws;

namespace CdcDms.Functions.Tests.Sandbox;

/// <summary>The built bundle as the custom resource of a sandbox.</summary>
public sealed class SandboxFunctionTests : IDisposable
{
    private readonly TaskCompletionSource<WireRequest> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpStandIn _responseUrl;

    public SandboxFunctionTests() => _responseUrl = new HttpStandIn(request =>
    {
        _answered.TrySetResult(request);
        return (200, "");
    });

    public void Dispose() => _responseUrl.Dispose();

    [Fact]
    public async Task A_long_reason_in_another_language_fits_into_the_answer()
    {
        using var secretsManager = new HttpStandIn(_ => (400, new string('ä', 5000)));

        var answer = await AnswerAsync(
            "Create",
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secretsManager.Url.AbsoluteUri),
            ("CDCDMS_SANDBOX_SOURCE_OWNER", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:owner"));

        Assert.Equal("FAILED", (string?)answer["Status"]);
        Assert.StartsWith("The sandbox's databases cannot be prepared: Refused: ää", (string?)answer["Reason"], StringComparison.Ordinal);
        Assert.InRange((await _answered.Task).Body.Length, 1, 4096);
    }

    [Fact]
    public async Task A_setting_that_is_missing_is_the_reason()
    {
        var answer = await AnswerAsync("Update");

        Assert.Equal(
            "The sandbox's databases cannot be prepared: Set CDCDMS_SANDBOX_SOURCE_OWNER to the ARN of a secret.",
            (string?)answer["Reason"]);
    }

    [Fact]
    public async Task A_deletion_succeeds_without_its_databases()
    {
        var answer = await AnswerAsync("Delete");

        Assert.Equal("SUCCESS", (string?)answer["Status"]);
    }

    private async Task<JsonNode> AnswerAsync(string requestType, params (string Name, string Value)[] environment)
    {
        await using var process = new BundleProcess(
            "sandbox",
            [
                ("AWS_REGION", SignatureCheck.Region),
                ("AWS_ACCESS_KEY_ID", SignatureCheck.AccessKey),
                ("AWS_SECRET_ACCESS_KEY", SignatureCheck.SecretKey),
                .. environment,
            ]);
        var report = await process.InvokeAsync(new JsonObject
        {
            ["RequestType"] = requestType,
            ["ResponseURL"] = _responseUrl.Url.AbsoluteUri,
            ["StackId"] = "arn:aws:cloudformation:eu-central-1:123456789012:stack/dev-Databases/0f6a1e40",
            ["RequestId"] = "request-1",
            ["LogicalResourceId"] = "Sandbox",
        }.ToJsonString());
        Assert.True(report.ErrorType is null, report.Body);
        return JsonNode.Parse((await _answered.Task.WaitAsync(TimeSpan.FromSeconds(30))).Body)!;
    }
}
