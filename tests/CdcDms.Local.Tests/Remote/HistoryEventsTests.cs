using System.Text.Json.Nodes;
using CdcDms.Local.Remote;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Tests.Remote;

/// <summary>The way of an execution on AWS, read of the events that Step Functions keeps.</summary>
public sealed class HistoryEventsTests
{
    private readonly List<JsonObject> _events = [];

    [Fact]
    public void States_that_run_those_that_were_passed_and_what_a_retry_cured_are_told_apart()
    {
        Add(1, 0, "ExecutionStarted");
        Add(2, 1, "TaskStateEntered", """{"name":"Plan"}""");
        Add(3, 2, "TaskScheduled");
        Add(4, 3, "TaskFailed", """{"error":"Throttled","cause":"{\"errorMessage\":\"Too many at once.\"}"}""");
        Add(5, 4, "TaskScheduled");
        Add(6, 5, "TaskSucceeded");
        Add(7, 6, "TaskStateExited", """{"name":"Plan"}""");
        Add(8, 7, "TaskStateEntered", """{"name":"Merge"}""");
        Add(9, 8, "TaskScheduled");

        var (execution, passed, failures) = Course("RUNNING", """{"table":{"schema":"public","name":"a.b"}}""");

        Assert.Equal((ExecutionOutcome.Running, null, null, 1), (execution.Outcome, execution.EndedUtc, execution.Rows, execution.Retries));
        Assert.Equal([new RunningState("m", "Merge", "public.\"a.b\"", 1, At(8))], execution.Now);
        Assert.Equal([new PassedState("m", "Plan", 1, 0), new PassedState("m", "Merge", 1, 0)], passed);
        Assert.Equal([new StateFailure(At(4), "m", "Plan", "public.\"a.b\"", "Too many at once.")], failures);
    }

    [Fact]
    public void A_failure_that_ends_the_execution_is_of_its_state_and_nothing_runs_any_more()
    {
        Add(1, 0, "ExecutionStarted");
        Add(2, 1, "MapStateEntered", """{"name":"Tables"}""");
        Add(3, 2, "MapStateStarted");
        Add(4, 3, "MapIterationStarted", """{"name":"Tables","index":0}""");
        Add(5, 3, "MapIterationStarted", """{"name":"Tables","index":1}""");
        Add(6, 4, "TaskStateEntered", """{"name":"ProveTable"}""");
        Add(7, 5, "TaskStateEntered", """{"name":"ProveTable"}""");
        Add(8, 7, "LambdaFunctionTimedOut", """{"error":"States.Timeout"}""");
        Add(9, 8, "MapIterationFailed", """{"name":"Tables","index":1}""");
        Add(10, 9, "ExecutionFailed", """{"error":"States.Timeout"}""");

        var (execution, passed, failures) = Course("FAILED", "{}", error: "TablesNotProven", cause: "[\"public.a\"]");

        Assert.Equal(
            (ExecutionOutcome.Failed, At(20), "[\"public.a\"]", 0),
            (execution.Outcome, execution.EndedUtc, execution.Cause, execution.Now.Count));
        Assert.Equal([new PassedState("m", "Tables", 1, 0), new PassedState("m", "ProveTable", 2, 1)], passed);
        Assert.Equal([new StateFailure(At(8), "m", "ProveTable", null, "States.Timeout")], failures);
    }

    [Fact]
    public void Of_a_history_whose_oldest_events_are_missing_the_newest_states_are_told()
    {
        Add(5000, 4999, "TaskSucceeded");
        Add(5001, 5000, "TaskStateExited", """{"name":"Plan"}""");
        Add(5002, 5001, "TaskStateEntered", """{"name":"Merge"}""");

        Assert.Equal(["Merge"], Course("RUNNING", null).Execution.Now.Select(state => state.State));
    }

    [Theory]
    [InlineData("TIMED_OUT", ExecutionOutcome.Stopped, "It took longer than it may.")]
    [InlineData("ABORTED", ExecutionOutcome.Stopped, "Somebody ended it.")]
    [InlineData("FAILED", ExecutionOutcome.Failed, "It does not say why.")]
    [InlineData("SUCCEEDED", ExecutionOutcome.Succeeded, null)]
    [InlineData("PENDING_REDRIVE", ExecutionOutcome.Running, null)]
    public void An_end_without_a_word_has_a_sentence(string status, object outcome, string? cause)
    {
        var execution = Course(status, "{}").Execution;

        Assert.Equal((outcome, cause), (execution.Outcome, execution.Cause));
    }

    private static DateTime At(int seconds) => DateTime.UnixEpoch.AddSeconds(seconds);

    private void Add(long id, long previous, string type, string details = "{}") => _events.Add(new JsonObject
    {
        ["timestamp"] = (double)id,
        ["type"] = type,
        ["id"] = id,
        ["previousEventId"] = previous,
        ["someEventDetails"] = JsonNode.Parse(details),
    });

    private ExecutionCourse Course(string status, string? input, string? error = null, string? cause = null) =>
        HistoryEvents.Course("m:1", "m", new DescribedExecution("1", status, 0, 20, input, error, cause), _events);
}
