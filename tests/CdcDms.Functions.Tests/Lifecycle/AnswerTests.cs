using System.Text.Json.Nodes;
using CdcDms.Functions.Tests.Aws;
using static CdcDms.Functions.Tests.Lifecycle.StackDeployment;

namespace CdcDms.Functions.Tests.Lifecycle;

public sealed class AnswerTests : IDisposable
{
    private readonly StackDeployment _deployment = new();

    public void Dispose() => _deployment.Dispose();

    [Fact]
    public async Task The_answer_repeats_the_requests_ids_and_makes_a_stable_one()
    {
        var created = await _deployment.CreateAsync(Before());
        var updated = await _deployment.UpdateAsync(Before(), Before());

        Assert.Equal((StackId, "request-1", "Lifecycle"), (created.StackId, created.RequestId, created.LogicalResourceId));
        Assert.Equal("dev-Replication/Lifecycle", created.PhysicalResourceId);
        Assert.Equal("given-before", updated.PhysicalResourceId);
    }

    [Fact]
    public async Task The_answer_is_put_without_a_content_type_because_the_url_is_signed_without_one()
    {
        await _deployment.CreateAsync(Before());

        Assert.False(Assert.Single(_deployment.Put).Headers.ContainsKey("content-type"));
    }

    [Fact]
    public async Task A_long_cause_still_fits_into_an_answer()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("ready") { WhenStarted = ["failed"], Cause = new string('\u00e4', 10_000) };

        (await _deployment.CreateAsync(After())).Failed("The task shop-1 was started and is 'failed' again");

        Assert.InRange(_deployment.Put[^1].Body.Length, 1, 4096);
    }

    [Fact]
    public async Task Wrong_properties_are_all_named()
    {
        var properties = Json(After());
        properties.Remove("fingerprint");
        properties["generations"] = "1";

        (await _deployment.SendAsync("Create", properties, null))
            .Failed("The input of lifecycle is wrong: $.generations is unknown; $.fingerprint is missing.");
    }

    [Theory]
    [InlineData("generation", "one")]
    [InlineData("moment", "during")]
    public async Task A_wrong_value_is_named(string property, string value)
    {
        var properties = Json(After());
        properties[property] = value;

        (await _deployment.SendAsync("Create", properties, null)).Failed($"$.{property} has a value that it cannot have");
    }

    [Fact]
    public async Task A_stack_that_cannot_be_asked_is_the_reason()
    {
        _deployment.StackStatus = "</StackStatus><broken";

        (await _deployment.UpdateAsync(Before(), Before(2))).Failed("CloudFormation says nothing about");
    }

    [Fact]
    public async Task The_built_function_answers_cloudformation()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("running");
        var answered = new TaskCompletionSource<WireRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var responseUrl = new HttpStandIn(request =>
        {
            answered.TrySetResult(request);
            return (200, "");
        });
        await using var process = new BundleProcess(
            "lifecycle",
            ("AWS_REGION", SignatureCheck.Region),
            ("AWS_ACCESS_KEY_ID", SignatureCheck.AccessKey),
            ("AWS_SECRET_ACCESS_KEY", SignatureCheck.SecretKey),
            ("AWS_SESSION_TOKEN", SignatureCheck.Token),
            ("AWS_ENDPOINT_URL_DATABASE_MIGRATION_SERVICE", _deployment.Dms.Url.AbsoluteUri));

        var report = await process.InvokeAsync(new JsonObject
        {
            ["RequestType"] = "Create",
            ["ResponseURL"] = responseUrl.Url.AbsoluteUri,
            ["StackId"] = StackId,
            ["RequestId"] = "request-1",
            ["LogicalResourceId"] = "After",
            ["ResourceProperties"] = Json(After()),
        }.ToJsonString());

        Assert.Equal("invocation/request/response", report.Path);
        Assert.Equal(report.Body, System.Text.Encoding.UTF8.GetString((await answered.Task).Body));
        Assert.Equal("SUCCESS", (string?)JsonNode.Parse(report.Body)!["Status"]);
    }

    [Fact]
    public async Task Anything_but_an_event_is_a_bad_definition()
    {
        await using var process = new BundleProcess(
            "lifecycle",
            ("AWS_REGION", SignatureCheck.Region),
            ("AWS_ACCESS_KEY_ID", SignatureCheck.AccessKey),
            ("AWS_SECRET_ACCESS_KEY", SignatureCheck.SecretKey));

        Assert.Equal("BadDefinition", (await process.InvokeAsync("{}")).ErrorType);
        Assert.Equal("BadDefinition", (await process.InvokeAsync("{")).ErrorType);
    }
}
