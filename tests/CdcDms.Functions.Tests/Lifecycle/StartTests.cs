using static CdcDms.Functions.Tests.Lifecycle.StackDeployment;

namespace CdcDms.Functions.Tests.Lifecycle;

public sealed class StartTests : IDisposable
{
    private readonly StackDeployment _deployment = new();

    public void Dispose() => _deployment.Dispose();

    [Fact]
    public async Task A_new_task_is_started_at_the_slots_position_after_both_connections_are_tested()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("ready");

        (await _deployment.CreateAsync(After() with { CdcStartPosition = "4AF/B00000D0" })).Succeeded();

        Assert.Equal(["test source", "test target", "start-replication shop-1 from 4AF/B00000D0"], _deployment.Dms.Calls);
        Assert.Equal("running", _deployment.Dms.Tasks["shop-1"].Status);
    }

    [Fact]
    public async Task A_new_task_without_a_slot_is_started_where_dms_likes()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("ready");

        (await _deployment.CreateAsync(After())).Succeeded();

        Assert.Equal("start-replication shop-1", _deployment.Dms.Calls[^1]);
    }

    [Theory]
    [InlineData("stopped", null, 0)]
    [InlineData("stopped", "checkpoint:V1#1", 3)]
    [InlineData("failed", "checkpoint:V1#1", 3)]
    [InlineData("failed", null, 1)]
    [InlineData("ready", "checkpoint:V1#1", 0)]
    public async Task A_task_that_has_worked_is_resumed_and_never_loads_again(string status, string? checkpoint, int tablesLoaded)
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication(status) { RecoveryCheckpoint = checkpoint, TablesLoaded = tablesLoaded };

        (await _deployment.UpdateAsync(After(), After() with { Fingerprint = "b", CdcStartPosition = "0/1" })).Succeeded();

        Assert.Equal("resume-processing shop-1", _deployment.Dms.Calls[^1]);
    }

    [Fact]
    public async Task A_task_whose_first_start_failed_is_started_again()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("failed") { Cause = "an old cause" };

        (await _deployment.CreateAsync(After() with { CdcStartPosition = "0/1" })).Succeeded();

        Assert.Equal("start-replication shop-1 from 0/1", _deployment.Dms.Calls[^1]);
    }

    [Theory]
    [InlineData("running")]
    [InlineData("starting", "running")]
    public async Task A_task_that_runs_is_left_alone(params string[] statuses)
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("");
        _deployment.Dms.Tasks["shop-1"].Become(statuses);

        (await _deployment.CreateAsync(After())).Succeeded();

        Assert.Empty(_deployment.Dms.Calls);
    }

    [Theory]
    [InlineData("creating", "ready")]
    [InlineData("modifying", "stopped")]
    [InlineData("stopping", "stopped")]
    [InlineData("testing", "stopped")]
    [InlineData("a state of the future", "stopped")]
    public async Task A_task_on_its_way_is_waited_for(params string[] statuses)
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("");
        _deployment.Dms.Tasks["shop-1"].Become([statuses[0], statuses[0], .. statuses]);

        (await _deployment.CreateAsync(After())).Succeeded();

        Assert.Equal("running", _deployment.Dms.Tasks["shop-1"].Status);
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("stopped")]
    public async Task A_task_that_falls_over_after_its_start_fails_with_the_cause_of_dms(string end)
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("ready")
        {
            WhenStarted = ["starting", end],
            Cause = "replication slot \"shop\" does not exist",
        };

        (await _deployment.CreateAsync(After()))
            .Failed($"The task shop-1 was started and is '{end}' again: replication slot \"shop\" does not exist");

        Assert.Single(_deployment.Dms.Calls, call => call.StartsWith("start", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_fails_its_test_is_the_reason_and_nothing_is_started()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("ready")
        {
            ConnectionFailure = "password authentication failed for user dms",
        };

        (await _deployment.CreateAsync(After())).Failed(
            "cannot connect to the source endpoint of the task shop-1 (arn:aws:dms:eu-central-1:123456789012:endpoint:shop-1.source): "
            + "password authentication failed for user dms");

        Assert.Equal("ready", _deployment.Dms.Tasks["shop-1"].Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("deleting")]
    public async Task A_task_that_was_deleted_by_hand_fails_with_the_way_out(string? status)
    {
        if (status is not null)
            _deployment.Dms.Tasks["shop-1"] = new HeldReplication(status);

        (await _deployment.UpdateAsync(After(), After() with { Fingerprint = "b" }))
            .Failed("The task shop-1 does not exist, it was deleted by hand: raise the generation");
    }

    [Fact]
    public async Task A_start_that_takes_too_long_fails_and_names_the_state()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("ready") { WhenStarted = ["starting"] };

        (await _deployment.CreateAsync(After())).Failed("The task shop-1 does not run in time, its state is 'starting'");
    }

    [Fact]
    public async Task A_busy_api_is_asked_again()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("ready");
        _deployment.Dms.Errors["DescribeReplicationTasks"] =
            new([DmsStandIn.Error("ThrottlingException", "Rate exceeded"), (500, "<html>oops</html>")]);
        _deployment.Dms.Errors["StartReplicationTask"] =
            new([DmsStandIn.Error("InvalidResourceStateFault", "Replication Task cannot be started, invalid state")]);
        _deployment.Dms.Errors["TestConnection"] =
            new([DmsStandIn.Error("InvalidResourceStateFault", "The endpoint is being tested")]);

        (await _deployment.CreateAsync(After())).Succeeded();

        Assert.Equal("running", _deployment.Dms.Tasks["shop-1"].Status);
    }

    [Fact]
    public async Task An_api_that_stays_busy_is_named_at_the_end()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("ready");
        var busy = DmsStandIn.Error("InvalidResourceStateFault", "the instance is being upgraded");
        _deployment.Dms.Errors["StartReplicationTask"] = new(Enumerable.Repeat(busy, 1000));

        (await _deployment.CreateAsync(After()))
            .Failed("AWS said last: InvalidResourceStateFault: the instance is being upgraded");
    }

    [Fact]
    public async Task An_api_that_refuses_is_not_asked_again()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("ready");
        const string refusal =
            """
            {"__type":"com.amazon.coral.service#AccessDeniedException","Message":"not authorized to perform: dms:StartReplicationTask"}
            """;
        _deployment.Dms.Errors["StartReplicationTask"] = new([(400, refusal)]);

        (await _deployment.CreateAsync(After())).Failed("AccessDeniedException: not authorized to perform: dms:StartReplicationTask");

        Assert.Equal("ready", _deployment.Dms.Tasks["shop-1"].Status);
    }
}
