using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>Executions of the workflow that meet at one table.</summary>
public sealed class TableLeaseTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly TimeSpan Call = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task A_table_between_two_calls_of_an_execution_is_left_to_it_by_every_call_of_another()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await ChangesAsync(People, "('I', 2, 2, 'bob')");
        Assert.True((await MergeOneAsync("first")).More);

        var left = await MergeOneAsync("second");
        var planned = await PlanAsync("second");

        Assert.Equal((0, false), (left.Files, left.More));
        Assert.StartsWith(
            "Another execution is merging public.people, first: the table is left to it.", left.LeftAlone, StringComparison.Ordinal);
        Assert.Equal((left.LeftAlone, false), (planned.LeftAlone, planned.ChangesWait));
        Assert.Equal("1=ada", await PeopleAsync());
        Assert.Null((await MergeOneAsync("first")).LeftAlone);
        Assert.Equal("1=ada 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task An_execution_that_has_merged_what_waits_holds_nobody_up()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        Assert.False((await MergeOneAsync("first")).More);

        Assert.Null((await MergeOneAsync("second")).LeftAlone);
    }

    [Fact]
    public async Task A_call_that_fails_holds_nobody_up()
    {
        await TargetAsync("id integer PRIMARY KEY, name text");
        await MergeOneAsync("first");
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET parked_at = now(), parked_cause = 'Some cause.'");
        await Assert.ThrowsAsync<CdcDmsException>(() => PlanAsync("first"));
        await Assert.ThrowsAsync<CdcDmsException>(() => MergeOneAsync("first"));

        await AssertAnswerAsync(0L, "SELECT count(*) FROM cdc.leases");
    }

    [Fact]
    public async Task An_execution_that_died_holds_others_up_until_its_lease_has_ended_and_no_longer()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await PlanAsync("dead");

        await AssertAnswerAsync(
            true, "SELECT ends_at BETWEEN now() + interval '19 minutes' AND now() + interval '20 minutes' FROM cdc.leases");
        await Analytics.ExecuteAsync("UPDATE cdc.leases SET ends_at = now()");
        Assert.Null((await MergeOneAsync("next")).LeftAlone);
        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Fact]
    public async Task An_execution_whose_lease_ended_while_it_waited_leaves_the_table_to_the_one_that_took_it()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await PlanAsync("slow");
        await Analytics.ExecuteAsync("UPDATE cdc.leases SET ends_at = now()");
        await PlanAsync("next");

        Assert.NotNull((await MergeOneAsync("slow")).LeftAlone);
        Assert.Null((await MergeOneAsync("next")).LeftAlone);
    }

    [Fact]
    public async Task Groups_of_one_execution_keep_the_lease_for_each_other_until_the_execution_has_merged_all()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        await Lake.LoadAsync(People, 2, "SELECT 2 AS id, 'bob' AS name");
        var groups = (await PlanAsync("first", bytes: 1)).SnapshotGroups;
        Assert.Equal(2, groups.Count);

        Assert.Null((await MergeOneAsync("first", groups[0])).LeftAlone);
        Assert.NotNull((await MergeOneAsync("second", groups[1])).LeftAlone);
        Assert.Null((await MergeOneAsync("first", groups[1])).LeftAlone);
        Assert.NotNull((await PlanAsync("second")).LeftAlone);
        Assert.False((await MergeOneAsync("first")).More);
        Assert.Null((await PlanAsync("second")).LeftAlone);
        Assert.Equal("1=ada 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task Whoever_is_no_execution_merges_a_table_whoever_else_does()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await PlanAsync("first");

        await MergeAsync(People);

        Assert.Equal("1=ada", await PeopleAsync());
        Assert.NotNull((await PlanAsync("second")).LeftAlone);
    }

    private MergeJob Of(string execution) => new(Lake.Reader, Analytics.ConnectionString, time: Clock)
    {
        Execution = new MergingExecution(execution, Call),
    };

    private Task<PlanOutput> PlanAsync(string execution, long bytes = 1L << 30) =>
        Of(execution).PlanAsync(People, BatchLimits.Default with { Bytes = bytes }, CancellationToken.None);

    private Task<MergeOutput> MergeOneAsync(string execution, FileGroup? group = null) => group is null
        ? Of(execution).RunAsync(People, 1, CancellationToken.None)
        : Of(execution).RunAsync(People, group, BatchLimits.Default, CancellationToken.None);
}
