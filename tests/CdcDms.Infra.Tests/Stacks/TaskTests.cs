using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

/// <summary>How long the calls of the state machines may take, and which of them are tried again.</summary>
public class TaskTests
{
    private static readonly HashSet<string> Transient =
    [
        nameof(ErrorKind.Unavailable),
        nameof(ErrorKind.Conflict),
        nameof(ErrorKind.OutOfTime),
        "Lambda.TooManyRequestsException",
        "Sandbox.Timedout",
    ];

    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_task_has_a_timeout_and_every_failure_is_caught(string name) =>
        Assert.All(Of(name, "batch", "batch-table", "proof", "reload"), task =>
        {
            Assert.True(task["TimeoutSeconds"]?.GetValue<int>() >= 60);
            Assert.Equal("States.ALL", task["Catch"]![0]!["ErrorEquals"]![0]!.GetValue<string>());
        });

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_task_that_looks_after_the_replication_has_a_timeout(string name) =>
        Assert.All(
            SynthesizedEnvironment.Of(name).Stack("replication").OfType("AWS::StepFunctions::StateMachine")
                .SelectMany(machine => Tasks(BatchTests.Definition(machine))),
            task => Assert.True(task["TimeoutSeconds"]?.GetValue<int>() >= 60));

    [Theory]
    [MemberData(nameof(Names))]
    public void The_start_of_a_table_s_execution_is_tried_again_with_patience_and_the_execution_never(string name) =>
        Assert.All(
            Of(name, "batch", "reload").Where(task =>
                task["Resource"]!.ToString().EndsWith(":states:startExecution.sync:2", StringComparison.Ordinal)),
            task =>
            {
                var retry = Assert.Single(task["Retry"]!.AsArray())!;
                Assert.Equal((20, 120), (retry["MaxAttempts"]!.GetValue<int>(), retry["MaxDelaySeconds"]!.GetValue<int>()));
                Assert.All(
                    retry["ErrorEquals"]!.AsArray(),
                    error => Assert.StartsWith("StepFunctions.", error!.GetValue<string>(), StringComparison.Ordinal));
            });

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_transient_is_retried_with_backoff_and_jitter_and_what_is_not_never(string name)
    {
        var retries = Calls(name).SelectMany(task => task["Retry"]!.AsArray()).ToList();
        var errors = retries.SelectMany(retry => retry!["ErrorEquals"]!.AsArray()).Select(error => error!.GetValue<string>()).ToHashSet();

        Assert.All(retries, retry => Assert.Equal("FULL", retry!["JitterStrategy"]!.GetValue<string>()));
        Assert.Superset(Transient, errors);
        Assert.DoesNotContain(nameof(ErrorKind.BadDefinition), errors);
        Assert.DoesNotContain(nameof(ErrorKind.BadData), errors);
        Assert.DoesNotContain(nameof(ErrorKind.Parked), errors);
        Assert.DoesNotContain("States.ALL", errors);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_call_that_finds_no_concurrency_left_waits_for_it_with_patience(string name) =>
        Assert.All(Calls(name), task =>
        {
            var throttled = Assert.Single(
                task["Retry"]!.AsArray(), retry => retry!["ErrorEquals"]![0]!.GetValue<string>() == "Lambda.TooManyRequestsException")!;
            Assert.Contains("Lambda.ResourceNotReadyException", throttled["ErrorEquals"]!.ToJsonString(), StringComparison.Ordinal);
            Assert.Equal((20, 120), (throttled["MaxAttempts"]!.GetValue<int>(), throttled["MaxDelaySeconds"]!.GetValue<int>()));
        });

    private static IEnumerable<JsonNode> Calls(string environment) => Of(environment, "batch-table")
        .Where(task => task["Resource"]!.ToJsonString().EndsWith(":states:::lambda:invoke\"", StringComparison.Ordinal));

    private static IEnumerable<JsonNode> Of(string environment, params string[] machines) =>
        machines.SelectMany(machine => Tasks(BatchTests.Definition(environment, machine)));

    private static IEnumerable<JsonNode> Tasks(JsonNode definition) =>
        definition["States"]!.AsObject().Select(state => state.Value!).SelectMany(state =>
            state["Type"]!.GetValue<string>() switch
            {
                "Task" => [state],
                "Map" => Tasks(state["ItemProcessor"]!),
                _ => (IEnumerable<JsonNode>)[],
            });
}
