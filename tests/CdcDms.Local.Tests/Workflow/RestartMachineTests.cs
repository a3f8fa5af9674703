using System.Text.Json.Nodes;
using CdcDms.Contract.Functions;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The state machine that stops and resumes the replication, over DMS's own words for its state.</summary>
public sealed class RestartMachineTests
{
    private const string Others = "ListExecutions";
    private const string Deployment = "DescribeStacks";
    private const string Look = "DescribeReplications";
    private const string Sign = "PutMetricData";
    private const string Stop = "StopReplication";
    private const string Start = "StartReplication";

    private readonly RecordedReplication _aws = new();

    [Fact]
    public async Task A_replication_that_runs_is_stopped_and_resumed_once_it_has_stopped()
    {
        await SucceedsAsync("running", "running", "stopping", "stopped", "starting", "running");

        Assert.Equal([Others, Deployment, Look, Sign, Stop, Look, Look, Look, Deployment, Start, Look, Look], _aws.Calls);
    }

    [Theory]
    [InlineData("stopped")]
    [InlineData("failed")]
    public async Task One_that_stands_still_is_resumed(string status)
    {
        await SucceedsAsync(status, "running");

        Assert.Equal([Others, Deployment, Look, Deployment, Start, Look], _aws.Calls);
    }

    [Fact]
    public async Task One_that_is_between_two_states_is_waited_for()
    {
        await SucceedsAsync("modifying", "running", "failed", "running");

        Assert.Equal([Others, Deployment, Look, Deployment, Look, Sign, Stop, Look, Deployment, Start, Look], _aws.Calls);
    }

    [Fact]
    public async Task One_that_stops_again_fails_the_restart_and_is_not_resumed_twice()
    {
        var failed = (await RunAsync("running", "stopped", "starting", "failed"))["failed"]!;

        Assert.Equal("ReplicationStandsStill", failed["error"]!.GetValue<string>());
        Assert.Contains("docs/runbook.md#replication-stopped", failed["cause"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Single(_aws.Calls, Start);
    }

    [Theory]
    [InlineData("ready")]
    [InlineData("created")]
    public async Task One_that_was_never_started_is_left_to_a_deployment(string status)
    {
        Assert.Equal("NeverStarted", (await RunAsync(status))["failed"]!["error"]!.GetValue<string>());

        Assert.Equal([Others, Deployment, Look], _aws.Calls);
    }

    [Fact]
    public async Task A_stop_that_DMS_refuses_for_now_is_asked_for_again()
    {
        _aws.Refused = [Stop, Stop];

        await SucceedsAsync("running", "stopped", "running");

        Assert.Equal([Others, Deployment, Look, Sign, Stop, Stop, Stop, Look, Deployment, Start, Look], _aws.Calls);
    }

    [Fact]
    public async Task Alarms_are_told_by_the_sign_of_a_deployment_before_it_stops_anything()
    {
        await SucceedsAsync("running", "stopped", "running");

        var sign = JsonNode.Parse(Assert.Single(_aws.Signs))!;
        Assert.Equal("CdcDms", sign["Namespace"]!.GetValue<string>());
        Assert.Equal(
            """[{"MetricName":"Deploying","Dimensions":[{"Name":"Environment","Value":"dev"}],"Value":1,"Unit":"Count"}]""",
            sign["MetricData"]!.ToJsonString());
    }

    [Fact]
    public async Task A_sign_that_cannot_be_given_holds_nothing_up()
    {
        _aws.Refused = [Sign, Sign, Sign, Sign];

        await SucceedsAsync("running", "stopped", "running");

        Assert.Equal([Others, Deployment, Look, Sign, Sign, Sign, Sign, Stop, Look, Deployment, Start, Look], _aws.Calls);
    }

    [Fact]
    public async Task It_is_refused_while_another_restart_runs_which_it_would_disturb()
    {
        _aws.Running = 2;

        var failed = (await RunAsync("running"))["failed"]!;

        Assert.Equal("RestartUnderWay", failed["error"]!.GetValue<string>());
        Assert.Equal([Others], _aws.Calls);
    }

    [Theory]
    [InlineData("UPDATE_IN_PROGRESS")]
    [InlineData("UPDATE_ROLLBACK_IN_PROGRESS")]
    public async Task It_is_refused_while_a_deployment_is_under_way(string status)
    {
        _aws.Stacks = [status];

        var failed = (await RunAsync("running"))["failed"]!;

        Assert.Equal("DeploymentUnderWay", failed["error"]!.GetValue<string>());
        Assert.StartsWith("A deployment is under way, which stops", failed["cause"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal([Others, Deployment], _aws.Calls);
    }

    [Fact]
    public async Task It_is_refused_when_a_deployment_begins_while_it_waits_for_the_replication_to_change()
    {
        _aws.Stacks = ["UPDATE_COMPLETE", "UPDATE_IN_PROGRESS"];

        var failed = (await RunAsync("modifying", "running"))["failed"]!;

        Assert.Equal("DeploymentUnderWay", failed["error"]!.GetValue<string>());
        Assert.Equal([Others, Deployment, Look, Deployment], _aws.Calls);
    }

    [Fact]
    public async Task A_deployment_that_begins_after_the_stop_is_waited_for_before_the_replication_is_resumed()
    {
        _aws.Stacks = ["UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"];

        await SucceedsAsync("running", "stopped", "modifying", "stopped", "running");

        Assert.Equal(
            [Others, Deployment, Look, Sign, Stop, Look, Deployment, Look, Deployment, Look, Deployment, Start, Look], _aws.Calls);
    }

    [Fact]
    public async Task A_replication_that_a_deployment_has_resumed_is_not_resumed_again()
    {
        _aws.Stacks = ["UPDATE_COMPLETE", "UPDATE_IN_PROGRESS"];

        await SucceedsAsync("running", "stopped", "running");

        Assert.Equal([Others, Deployment, Look, Sign, Stop, Look, Deployment, Look], _aws.Calls);
    }

    [Theory]
    [InlineData("TablesLoading")]
    [InlineData("TablesQueued")]
    public async Task It_is_refused_while_tables_are_loaded_or_wait_for_their_load(string count)
    {
        _aws.More = $$""","ReplicationStats":{"FullLoadProgressPercent":50,"{{count}}":1}""";

        var failed = (await RunAsync("running"))["failed"]!;

        Assert.Equal("LoadUnderWay", failed["error"]!.GetValue<string>());
        Assert.Equal([Others, Deployment, Look], _aws.Calls);
    }

    [Fact]
    public async Task One_that_failed_before_it_did_anything_is_started_for_the_first_time()
    {
        _aws.HasWorked = false;

        await SucceedsAsync("failed", "starting", "running");

        Assert.Equal([Others, Deployment, Look, Start, Look, Look], _aws.Calls);
        Assert.Equal("start-replication", Assert.Single(_aws.Starts));
    }

    [Fact]
    public async Task One_that_has_worked_is_resumed_and_never_started_anew()
    {
        await SucceedsAsync("failed", "running");

        Assert.Equal("resume-processing", Assert.Single(_aws.Starts));
    }

    private Task<JsonNode> RunAsync(params string[] statuses) => _aws.RunAsync(WorkflowNames.RestartWorkflow("dev"), statuses);

    private async Task SucceedsAsync(params string[] statuses)
    {
        var ended = await RunAsync(statuses);
        Assert.True(ended["succeeded"] is not null, ended.ToJsonString());
    }
}
