using System.Text.Json.Nodes;

namespace CdcDms.Functions.Tests.TaskLife;

public sealed class StopTests : IDisposable
{
    private readonly Deployment deployment = new();

    public void Dispose() => deployment.Dispose();

    [Fact]
    public async Task Before_touches_nothing_when_it_is_created()
    {
        deployment.Dms.Tasks["shop-1"] = new HeldReplication("running");

        (await deployment.CreateAsync(Deployment.Before())).Succeeded();

        Assert.Empty(deployment.Dms.Calls);
    }

    [Theory]
    [InlineData("running")]
    [InlineData("starting", "starting", "running")]
    [InlineData("modifying", "running")]
    [InlineData("testing", "running")]
    public async Task Changed_properties_stop_the_task_and_wait_until_it_is(params string[] statuses)
    {
        deployment.Dms.Tasks["shop-1"] = new HeldReplication("") { WhenStopped = ["stopping", "stopping", "stopped"] };
        deployment.Dms.Tasks["shop-1"].Become(statuses);

        (await deployment.UpdateAsync(Deployment.Before(), Deployment.Before() with { Fingerprint = "b" })).Succeeded();

        Assert.Equal(["stop shop-1"], deployment.Dms.Calls);
        Assert.Equal("stopped", deployment.Dms.Tasks["shop-1"].Status);
    }

    [Theory]
    [InlineData("ready")]
    [InlineData("stopped")]
    [InlineData("failed")]
    [InlineData("stopping", "stopped")]
    [InlineData("creating", "ready")]
    public async Task A_task_that_does_not_run_is_stopped_already(params string[] statuses)
    {
        deployment.Dms.Tasks["shop-1"] = new HeldReplication("");
        deployment.Dms.Tasks["shop-1"].Become(statuses);

        (await deployment.UpdateAsync(Deployment.Before(), Deployment.Before() with { Fingerprint = "b" })).Succeeded();

        Assert.Empty(deployment.Dms.Calls);
    }

    [Fact]
    public async Task Properties_that_say_nothing_about_the_task_do_not_stop_it()
    {
        deployment.Dms.Tasks["shop-1"] = new HeldReplication("running");

        (await deployment.UpdateAsync(Deployment.Before(), Deployment.Before() with { AllowReplacementForGeneration = 2 })).Succeeded();

        Assert.Empty(deployment.Dms.Calls);
    }

    [Fact]
    public async Task A_stop_that_takes_too_long_fails_and_names_the_state()
    {
        deployment.Dms.Tasks["shop-1"] = new HeldReplication("running") { WhenStopped = ["stopping"] };
        deployment.Wait = TimeSpan.FromSeconds(1);

        (await deployment.UpdateAsync(Deployment.Before(), Deployment.Before() with { Fingerprint = "b" })).Failed("The task shop-1 did not stop in time, its state is 'stopping'");
    }

    [Fact]
    public async Task Deleting_After_stops_the_task()
    {
        deployment.Dms.Tasks["shop-1"] = new HeldReplication("running");

        (await deployment.DeleteAsync(Deployment.After())).Succeeded();

        Assert.Equal("stopped", deployment.Dms.Tasks["shop-1"].Status);
    }

    [Fact]
    public async Task Deleting_Before_touches_nothing()
    {
        deployment.Dms.Tasks["shop-1"] = new HeldReplication("running");

        (await deployment.DeleteAsync(Deployment.Before())).Succeeded();

        Assert.Empty(deployment.Dms.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deleting_after_the_task_was_deleted_by_hand_succeeds(bool onTheWay)
    {
        if (onTheWay)
        {
            deployment.Dms.Tasks["shop-1"] = new HeldReplication("");
            deployment.Dms.Tasks["shop-1"].Become("deleting", "deleting", "gone");
        }

        (await deployment.DeleteAsync(Deployment.After())).Succeeded();
        (await deployment.UpdateAsync(Deployment.Before(), Deployment.Before() with { Fingerprint = "b" })).Succeeded();
    }

    [Fact]
    public async Task Deleting_what_was_never_understood_succeeds_so_that_a_failed_creation_can_roll_back()
    {
        (await deployment.SendAsync("Create", new JsonObject { ["moment"] = "after" }, null)).Failed("$.identifier is missing");
        (await deployment.SendAsync("Delete", new JsonObject { ["moment"] = "after" }, null)).Succeeded();
        (await deployment.SendAsync("Delete", null, null)).Succeeded();
    }
}
