using System.Text.Json.Nodes;
using static CdcDms.Functions.Tests.Lifecycle.StackDeployment;

namespace CdcDms.Functions.Tests.Lifecycle;

public sealed class StopTests : IDisposable
{
    private readonly StackDeployment _deployment = new();

    public void Dispose() => _deployment.Dispose();

    [Fact]
    public async Task Before_touches_nothing_when_it_is_created()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("running");

        (await _deployment.CreateAsync(Before())).Succeeded();

        Assert.Empty(_deployment.Dms.Calls);
    }

    [Theory]
    [InlineData("running")]
    [InlineData("starting", "starting", "running")]
    [InlineData("modifying", "running")]
    [InlineData("testing", "running")]
    public async Task Changed_properties_stop_the_task_and_wait_until_it_is(params string[] statuses)
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("") { WhenStopped = ["stopping", "stopping", "stopped"] };
        _deployment.Dms.Tasks["shop-1"].Become(statuses);

        (await _deployment.UpdateAsync(Before(), Before() with { Fingerprint = "b" })).Succeeded();

        Assert.Equal(["stop shop-1"], _deployment.Dms.Calls);
        Assert.Equal("stopped", _deployment.Dms.Tasks["shop-1"].Status);
    }

    [Theory]
    [InlineData("ready")]
    [InlineData("stopped")]
    [InlineData("failed")]
    [InlineData("stopping", "stopped")]
    [InlineData("creating", "ready")]
    public async Task A_task_that_does_not_run_is_stopped_already(params string[] statuses)
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("");
        _deployment.Dms.Tasks["shop-1"].Become(statuses);

        (await _deployment.UpdateAsync(Before(), Before() with { Fingerprint = "b" })).Succeeded();

        Assert.Empty(_deployment.Dms.Calls);
    }

    [Fact]
    public async Task Properties_that_say_nothing_about_the_task_do_not_stop_it()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("running");

        (await _deployment.UpdateAsync(Before(), Before() with { AllowReplacementForGeneration = 2 })).Succeeded();

        Assert.Empty(_deployment.Dms.Calls);
    }

    [Theory]
    [InlineData(15, 14 * 60)]
    [InlineData(5, (5 * 60) - 30)]
    public async Task A_stop_is_waited_for_as_long_as_there_is_time_to_answer_then_fails_and_names_the_state(
        int minutes, int longestSeconds)
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("running") { WhenStopped = ["stopping"] };
        _deployment.Timeout = TimeSpan.FromMinutes(minutes);

        (await _deployment.UpdateAsync(Before(), Before() with { Fingerprint = "b" }))
            .Failed("The task shop-1 did not stop in time, its state is 'stopping'");

        var longest = TimeSpan.FromSeconds(longestSeconds);
        Assert.InRange(_deployment.Clock.Waited, longest - TimeSpan.FromSeconds(30), longest);
    }

    [Fact]
    public async Task Deleting_After_stops_the_task()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("running");

        (await _deployment.DeleteAsync(After())).Succeeded();

        Assert.Equal("stopped", _deployment.Dms.Tasks["shop-1"].Status);
    }

    [Fact]
    public async Task Deleting_Before_touches_nothing()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("running");

        (await _deployment.DeleteAsync(Before())).Succeeded();

        Assert.Empty(_deployment.Dms.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deleting_after_the_task_was_deleted_by_hand_succeeds(bool onTheWay)
    {
        if (onTheWay)
        {
            _deployment.Dms.Tasks["shop-1"] = new HeldReplication("");
            _deployment.Dms.Tasks["shop-1"].Become("deleting", "deleting", "gone");
        }

        (await _deployment.DeleteAsync(After())).Succeeded();
        (await _deployment.UpdateAsync(Before(), Before() with { Fingerprint = "b" })).Succeeded();
    }

    [Fact]
    public async Task Deleting_what_was_never_understood_succeeds_so_that_a_failed_creation_can_roll_back()
    {
        (await _deployment.SendAsync("Create", new JsonObject { ["moment"] = "after" }, null)).Failed("$.identifier is missing");
        (await _deployment.SendAsync("Delete", new JsonObject { ["moment"] = "after" }, null)).Succeeded();
        (await _deployment.SendAsync("Delete", null, null)).Succeeded();
    }
}
