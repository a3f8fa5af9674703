namespace CdcDms.Functions.Tests.Lifecycle;

public sealed class ServerlessTests : IDisposable
{
    private static readonly LifecycleProperties After = StackDeployment.After() with { Kind = ReplicationKind.Serverless };
    private static readonly LifecycleProperties Before = StackDeployment.Before() with { Kind = ReplicationKind.Serverless };
    private readonly StackDeployment _deployment = new();

    public void Dispose() => _deployment.Dispose();

    [Theory]
    [InlineData("created", "start-replication shop-1")]
    [InlineData("ready", "start-replication shop-1")]
    [InlineData("stopped", "resume-processing shop-1")]
    public async Task It_is_started_or_resumed(string status, string call)
    {
        _deployment.Dms.Serverless["shop-1"] = new HeldReplication(status)
        {
            WhenStarted = ["initializing", "provisioning_capacity", "replication_starting", "running"],
        };

        (await _deployment.CreateAsync(After)).Succeeded();

        Assert.Equal([call], _deployment.Dms.Calls);
        Assert.Equal("running", _deployment.Dms.Serverless["shop-1"].Status);
    }

    [Fact]
    public async Task A_start_that_goes_on_longer_than_a_function_may_wait_is_a_success()
    {
        _deployment.Dms.Serverless["shop-1"] = new HeldReplication("created") { WhenStarted = ["initializing", "provisioning_capacity"] };

        (await _deployment.CreateAsync(After)).Succeeded();
    }

    [Fact]
    public async Task One_that_never_leaves_another_state_fails()
    {
        _deployment.Dms.Serverless["shop-1"] = new HeldReplication("modifying");

        (await _deployment.CreateAsync(After)).Failed("The serverless replication shop-1 does not run in time, its state is 'modifying'");
    }

    [Fact]
    public async Task One_that_falls_over_fails_with_the_cause_of_dms()
    {
        _deployment.Dms.Serverless["shop-1"] = new HeldReplication("created")
        {
            WhenStarted = ["testing_connection", "failed"],
            Cause = "Test connection failed for endpoint",
        };

        (await _deployment.CreateAsync(After)).Failed("is 'failed' again: Test connection failed for endpoint");
    }

    [Fact]
    public async Task Changed_properties_stop_it_also_while_it_starts()
    {
        _deployment.Dms.Serverless["shop-1"] = new HeldReplication("");
        _deployment.Dms.Serverless["shop-1"].Become("provisioning_capacity", "provisioning_capacity", "running");

        (await _deployment.UpdateAsync(Before, Before with { Fingerprint = "b" })).Succeeded();

        Assert.Equal("stopped", _deployment.Dms.Serverless["shop-1"].Status);
    }

    [Fact]
    public async Task One_that_was_deleted_by_hand_is_stopped_already()
    {
        (await _deployment.DeleteAsync(After)).Succeeded();
    }
}
