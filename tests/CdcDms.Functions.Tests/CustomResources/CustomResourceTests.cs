using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Aws;
using CdcDms.Functions.CustomResources;

namespace CdcDms.Functions.Tests.CustomResources;

public sealed class CustomResourceTests : IDisposable
{
    private readonly List<WireRequest> _answers = [];
    private readonly HttpStandIn _responseUrl;
    private int _status = 200;

    public CustomResourceTests() => _responseUrl = new HttpStandIn(request =>
    {
        _answers.Add(request);
        return (_status, "");
    });

    public static TheoryData<Exception, string> Faults => new()
    {
        { new CdcDmsException(ErrorKind.Parked, "The table is parked."), "The table is parked." },
        { new AwsException("AccessDenied", "not you", HttpStatusCode.Forbidden), "AWS refused what After needs, AccessDenied: not you" },
        {
            new InvalidOperationException("'ada@example.org' is no number"),
            "After met a fault of its own, InvalidOperationException: A defect of CdcDms: System.InvalidOperationException, whose own "
                + "words are left out because they may hold values. Please report it with its stack trace."
        },
        { new OperationCanceledException("gave up"), "After met a fault of its own, OperationCanceledException: gave up" },
    };

    public void Dispose() => _responseUrl.Dispose();

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task Every_fault_is_answered(Exception fault, string reason)
    {
        await AnswerAsync((_, _) => throw fault);

        Assert.Equal(("FAILED", reason), (Answered("Status"), Answered("Reason")));
    }

    [Fact]
    public async Task Work_that_is_cut_off_by_the_functions_deadline_is_answered()
    {
        using var deadline = new CancellationTokenSource();

        await AnswerAsync(
            async (_, cancellationToken) =>
            {
                await deadline.CancelAsync();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            },
            deadline.Token);

        Assert.Equal("After did not end within the function's time: A task was canceled.", Answered("Reason"));
    }

    [Fact]
    public async Task Work_that_ends_well_is_a_success()
    {
        await AnswerAsync((request, _) => Task.FromResult(request));

        Assert.Equal(("SUCCESS", null), (Answered("Status"), Answered("Reason")));
    }

    [Fact]
    public async Task An_answer_that_could_not_be_sent_fails_so_that_lambda_calls_again()
    {
        _status = 403;

        await Assert.ThrowsAsync<HttpRequestException>(() => AnswerAsync((_, _) => Task.CompletedTask));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"RequestType":"Forget"}""")]
    public async Task An_input_without_an_address_to_answer_to_is_a_bad_definition(string input)
    {
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => CustomResource.AnswerAsync(
            Encoding.UTF8.GetBytes(input), "lifecycle", (_, _) => Task.CompletedTask, TestContext.Current.CancellationToken));

        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.StartsWith("The input of lifecycle is not a request of CloudFormation: ", fault.Message, StringComparison.Ordinal);
    }

    private Task AnswerAsync(
        Func<CloudFormationRequest, CancellationToken, Task> carryOutAsync, CancellationToken cancellationToken = default)
    {
        var request = new JsonObject
        {
            ["RequestType"] = "Create",
            ["ResponseURL"] = _responseUrl.Url.AbsoluteUri,
            ["StackId"] = "arn:aws:cloudformation:eu-central-1:123456789012:stack/dev-Replication/0f6a1e40",
            ["RequestId"] = "request-1",
            ["LogicalResourceId"] = "After",
        };
        return CustomResource.AnswerAsync(JsonSerializer.SerializeToUtf8Bytes(request), "lifecycle", carryOutAsync, cancellationToken);
    }

    private string? Answered(string name) => (string?)JsonNode.Parse(Assert.Single(_answers).Body)![name];
}
