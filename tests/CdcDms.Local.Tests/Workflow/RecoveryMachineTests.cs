using System.Text.Json.Nodes;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The state machine that resumes the replication after a rollback, over the words of DMS and of CloudFormation.</summary>
public sealed class RecoveryMachineTests
{
    private const string Look = "DescribeReplications";
    private const string Deployment = "DescribeStacks";
    private const string Start = "StartReplication";

    private readonly RecordedReplication _aws = new();

    [Fact]
    public async Task What_ran_is_resumed_after_a_rollback_and_told_when_it_stops_again()
    {
        _aws.Stacks = ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"];

        var resumed = await RunAsync("running", "stopped", "starting", "running");

        Assert.NotNull(resumed["succeeded"]);
        Assert.Equal([Look, Deployment, Deployment, Deployment, Look, Start, Look, Look], _aws.Calls);
        Assert.Equal(["resume-processing"], _aws.Starts);
        Assert.Equal(
            "ReplicationStandsStill", (await RunAsync("running", "stopped", "failed"))["failed"]!["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_order_that_was_taken_though_its_answer_was_lost_ends_well()
    {
        _aws.Stacks = ["UPDATE_ROLLBACK_COMPLETE"];
        _aws.Refused = [.. Enumerable.Repeat(Start, 41)];

        Assert.NotNull((await RunAsync("running", "stopped", "running"))["succeeded"]);

        Assert.Equal(41, _aws.Calls.Count(call => call == Start));
        Assert.Empty(_aws.Starts);
    }

    [Theory]
    [InlineData("stopped")]
    [InlineData("failed")]
    [InlineData("ready")]
    public async Task What_stood_still_before_the_deployment_is_left_as_it_is(string status)
    {
        _aws.Stacks = ["UPDATE_ROLLBACK_COMPLETE"];

        Assert.NotNull((await RunAsync(status))["succeeded"]);

        Assert.Equal([Look], _aws.Calls);
    }

    [Fact]
    public async Task What_the_deployment_stops_when_it_is_first_looked_at_ran_before()
    {
        _aws.Stacks = ["UPDATE_ROLLBACK_COMPLETE"];

        await RunAsync("stopping", "stopped", "running");

        Assert.Equal([Look, Deployment, Look, Start, Look], _aws.Calls);
    }

    [Fact]
    public async Task While_a_rollback_has_failed_nothing_is_started_until_somebody_has_continued_it()
    {
        _aws.Stacks =
        [
            "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE",
        ];

        await RunAsync("running", "stopped", "running");

        Assert.Equal([Look, Deployment, Deployment, Deployment, Deployment, Deployment, Look, Start, Look], _aws.Calls);
    }

    [Fact]
    public async Task A_deployment_that_succeeds_has_started_the_replication_itself()
    {
        _aws.Stacks = ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"];

        Assert.NotNull((await RunAsync("running"))["succeeded"]);

        Assert.Equal([Look, Deployment, Deployment], _aws.Calls);
    }

    [Fact]
    public async Task What_runs_after_a_rollback_is_left_running()
    {
        _aws.Stacks = ["UPDATE_ROLLBACK_COMPLETE"];

        Assert.NotNull((await RunAsync("running", "modifying", "running"))["succeeded"]);

        Assert.Equal([Look, Deployment, Look, Look], _aws.Calls);
    }

    private Task<JsonNode> RunAsync(params string[] statuses) => _aws.RunAsync("cdcdms-dev-resume-after-rollback", statuses);
}
