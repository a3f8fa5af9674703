using CdcDms.Contract.Functions;

namespace CdcDms.Functions.Tests.TaskLife;

public sealed class ServerlessTests : IDisposable
{
    private static readonly TaskLifeProperties After = Deployment.After() with { Kind = ReplicationKind.Serverless };
    private static readonly TaskLifeProperties Before = Deployment.Before() with { Kind = ReplicationKind.Serverless };
    private readonly Deployment deployment = new();

    public void Dispose() => deployment.Dispose();

    [Theory]
    [InlineData("created", "start-replication shop-1")]
    [InlineData("ready", "start-replication shop-1")]
    [InlineData("stopped", "resume-processing shop-1")]
    public async Task It_is_started_or_resumed(string status, string call)
    {
        deployment.Dms.Serverless["shop-1"] = new HeldReplication(status) { WhenStarted = ["initializing", "provisioning_capacity", "replication_starting", "running"] };

        (await deployment.CreateAsync(After)).Succeeded();

        Assert.Equal([call], deployment.Dms.Calls);
        Assert.Equal("running", deployment.Dms.Serverless["shop-1"].Status);
    }

    [Fact]
    public async Task A_start_that_goes_on_longer_than_a_function_may_wait_is_a_success()
    {
        deployment.Dms.Serverless["shop-1"] = new HeldReplication("created") { WhenStarted = ["initializing", "provisioning_capacity"] };
        deployment.Wait = TimeSpan.FromSeconds(1);

        (await deployment.CreateAsync(After)).Succeeded();
    }

    [Fact]
    public async Task One_that_never_leaves_another_state_fails()
    {
        deployment.Dms.Serverless["shop-1"] = new HeldReplication("modifying");
        deployment.Wait = TimeSpan.FromSeconds(1);

        (await deployment.CreateAsync(After)).Failed("The serverless replication shop-1 does not run in time, its state is 'modifying'");
    }

    [Fact]
    public async Task One_that_falls_over_fails_with_the_cause_of_dms()
    {
        deployment.Dms.Serverless["shop-1"] = new HeldReplication("created") { WhenStarted = ["testing_connection", "failed"], Cause = "Test connection failed for endpoint" };

        (await deployment.CreateAsync(After)).Failed("is 'failed' again: Test connection failed for endpoint");
    }

    [Fact]
    public async Task Changed_properties_stop_it_also_while_it_starts()
    {
        deployment.Dms.Serverless["shop-1"] = new HeldReplication("");
        deployment.Dms.Serverless["shop-1"].Become("provisioning_capacity", "provisioning_capacity", "running");

        (await deployment.UpdateAsync(Before, Before with { Fingerprint = "b" })).Succeeded();

        Assert.Equal("stopped", deployment.Dms.Serverless["shop-1"].Status);
    }

    [Fact]
    public async Task One_that_was_deleted_by_hand_is_stopped_already()
    {
        (await deployment.DeleteAsync(After)).Succeeded();
    }
}
