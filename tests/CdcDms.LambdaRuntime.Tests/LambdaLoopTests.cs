using System.Text;
using System.Text.Json;

namespace CdcDms.LambdaRuntime.Tests;

public sealed class LambdaLoopTests : IAsyncDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly RuntimeApiStandIn _lambda = new();
    private Task<int> _loop = Task.FromResult(0);

    public async ValueTask DisposeAsync()
    {
        _lambda.Dispose();
        await _loop;
    }

    [Fact]
    public async Task Invocations_are_answered_one_after_the_other_each_under_its_own_request_id()
    {
        _lambda.Invoke("first", "1", Minute);
        _lambda.Invoke("second", "2", Minute);

        Run((input, invocation, _) => Text($"\"{invocation.RequestId} got {Encoding.UTF8.GetString(input.Span)}\""));

        Assert.Equal(new Report("invocation/first/response", null, "\"first got 1\""), await _lambda.NextReportAsync());
        Assert.Equal(new Report("invocation/second/response", null, "\"second got 2\""), await _lambda.NextReportAsync());
    }

    [Fact]
    public async Task The_handler_learns_its_deadline_its_arn_and_its_trace()
    {
        const string trace = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700";
        _lambda.Invoke("first", "{}", Minute, trace);
        _lambda.Invoke("second", "{}", Minute);

        Run((_, invocation, _) =>
        {
            Assert.InRange(invocation.RemainingTime, TimeSpan.FromSeconds(30), Minute);
            Assert.Equal("arn:aws:lambda:eu-central-1:123456789012:function:test", invocation.FunctionArn);
            return Text($"\"{invocation.TraceId}|{Environment.GetEnvironmentVariable("_X_AMZN_TRACE_ID")}\"");
        });

        Assert.Equal($"\"{trace}|{trace}\"", (await _lambda.NextReportAsync()).Body);
        Assert.Equal("\"|\"", (await _lambda.NextReportAsync()).Body);
    }

    [Fact]
    public async Task A_failure_is_reported_with_its_type_and_the_next_invocation_is_answered()
    {
        _lambda.Invoke("bad", "{}", Minute);
        _lambda.Invoke("good", "{}", Minute);

        Run((_, invocation, _) => invocation.RequestId == "bad" ? throw new InvalidOperationException("no such table") : Text("true"));

        var report = await _lambda.NextReportAsync();
        Assert.Equal("invocation/bad/error", report.Path);
        Assert.Equal("Described", report.ErrorType);
        var body = JsonDocument.Parse(report.Body).RootElement;
        Assert.Equal("Described", body.GetProperty("errorType").GetString());
        Assert.Equal("no such table", body.GetProperty("errorMessage").GetString());
        Assert.Equal("at the test", Assert.Single(body.GetProperty("stackTrace").EnumerateArray()).GetString());
        Assert.Equal("invocation/good/response", (await _lambda.NextReportAsync()).Path);
    }

    [Theory]
    [InlineData(900, 2000)]
    [InlineData(8, 2000)]
    [InlineData(2, 500)]
    public async Task The_handler_is_cancelled_early_enough_to_report(int seconds, int millisecondsLeft)
    {
        var clock = new LeapingClock();
        using var lambda = new RuntimeApiStandIn(clock);
        lambda.Invoke("slow", "{}", TimeSpan.FromSeconds(seconds));
        var left = TimeSpan.Zero;

        var loop = LambdaLoop.RunAsync(
            lambda.Host,
            () => async (_, invocation, cancellationToken) =>
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }
                finally
                {
                    left = invocation.RemainingTime;
                }

                return default;
            },
            Describe,
            clock);

        Assert.Equal("invocation/slow/error", (await lambda.NextReportAsync()).Path);
        Assert.Equal(TimeSpan.FromMilliseconds(millisecondsLeft), left);
        lambda.Dispose();
        await loop;
    }

    [Fact]
    public async Task A_handler_that_is_done_in_time_is_not_cancelled()
    {
        _lambda.Invoke("first", "{}", Minute);

        Run((_, _, cancellationToken) => Text(cancellationToken.IsCancellationRequested ? "true" : "false"));

        Assert.Equal("false", (await _lambda.NextReportAsync()).Body);
    }

    [Fact]
    public async Task A_failed_start_is_an_init_error_and_ends_with_an_exit_code()
    {
        _loop = LambdaLoop.RunAsync(_lambda.Host, () => throw new InvalidOperationException("no function"), Describe);

        var report = await _lambda.NextReportAsync();
        Assert.Equal(("init/error", "Described"), (report.Path, report.ErrorType));
        Assert.Contains("\"errorMessage\":\"no function\"", report.Body, StringComparison.Ordinal);
        Assert.Equal(1, await _loop);
    }

    [Fact]
    public async Task A_lost_runtime_api_ends_the_loop()
    {
        _lambda.Invoke("first", "{}", Minute);
        Run((_, _, _) => Text("true"));
        await _lambda.NextReportAsync();

        _lambda.Dispose();

        Assert.Equal(1, await _loop);
    }

    private void Run(Handler handler) => _loop = LambdaLoop.RunAsync(_lambda.Host, () => handler, Describe);

    private static FunctionError Describe(Exception fault) =>
        new() { Type = "Described", Message = fault.Message, StackTrace = ["at the test"] };

    private static Task<ReadOnlyMemory<byte>> Text(string json) =>
        Task.FromResult<ReadOnlyMemory<byte>>(Encoding.UTF8.GetBytes(json));
}
