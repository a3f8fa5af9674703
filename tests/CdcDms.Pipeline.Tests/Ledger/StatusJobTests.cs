using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Tests.Ledger;

/// <summary>What the ledger tells of tables, and how a parked one goes on.</summary>
public sealed class StatusJobTests(TestServers servers) : MergeFixture(servers)
{
    private StatusJob Status => new(Analytics.ConnectionString);

    private static DateTime Day => DateTime.UtcNow.Date;

    private ResumeJob Resume => new(Analytics.ConnectionString);

    [Fact]
    public async Task Who_only_looks_creates_nothing()
    {
        Assert.Empty(await Status.ReadAsync(CancellationToken.None));

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => Resume.RunAsync(People.TargetName, Consent.None, CancellationToken.None));
        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.Equal("Nothing was ever merged into analytics.people; the ledger has no tables.", fault.Message);
        Assert.False(await Analytics.ScalarAsync<bool>("SELECT to_regnamespace('cdc') IS NOT NULL"));
    }

    [Fact]
    public async Task A_table_that_was_never_merged_is_not_resumed_and_those_that_were_are_named()
    {
        foreach (var target in new[] { "analytics.people", "analytics.animals" })
            await MergeAsync(People with { Target = target });
        await Analytics.ExecuteAsync("INSERT INTO cdc.tables (target_schema, target_name) VALUES ('cdc', 's3://lake/of-markers')");

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => Resume.RunAsync(new TableName("analytics", "peple"), Consent.None, CancellationToken.None));

        Assert.EndsWith("the ledger has analytics.animals, analytics.people.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sources_name_of_a_table_is_told_to_be_none_by_which_it_is_resumed()
    {
        await MergeAsync(People);

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => Resume.RunAsync(People.Source, Consent.None, CancellationToken.None));

        Assert.EndsWith(
            "A table is resumed by its target's name, not by the source's: if it is the one that is meant, write analytics.people.",
            fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_done_to_a_table_that_is_not_parked_until_it_has_a_rejected_file_or_a_loss_is_taken()
    {
        const string Row = "SELECT (t, (SELECT array_agg(u) FROM cdc.unproven u))::text FROM cdc.tables t";
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        var row = await Analytics.ScalarAsync<string>(Row);

        Assert.False(await Resume.RunAsync(People.TargetName, Consent.None, CancellationToken.None));
        Assert.Equal(row, await Analytics.ScalarAsync<string>(Row));

        await Lake.PutBytesAsync(Lake.CdcKey(People, Day, Day), [1, 2, 3]);
        await MergeAsync(People);
        Assert.True(await Resume.RunAsync(People.TargetName, Consent.None, CancellationToken.None));
        Assert.Empty((await StatusAsync()).RejectedFiles);
        Assert.Contains((await StatusAsync()).Unproven, unproven => unproven.Cause == UnprovenCause.Resumed);
        Assert.True(await Resume.RunAsync(People.TargetName, new Consent { ToTypes = true }, CancellationToken.None));
    }

    [Fact]
    public async Task A_sweep_that_was_asked_for_finds_a_file_in_an_old_folder_and_makes_nothing_unproven()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        await Lake.PutAsync(
            Lake.CdcKey(People, Day.AddDays(-30), Day.AddDays(-30)),
            "SELECT 'I' AS \"Op\", '2020-01-01 00:00:00' AS cdc_timestamp, 3 AS id, 'cyd' AS name, "
            + $"'{TestLake.Sequence(3)}' AS cdc_change_seq");
        await MergeAsync(People);
        Assert.Equal("1=ada", await PeopleAsync());
        var unproven = (await StatusAsync()).Unproven;

        await Resume.SweepAsync(People.TargetName, CancellationToken.None);
        await MergeAsync(People);

        Assert.Equal("1=ada 3=cyd", await PeopleAsync());
        Assert.Equal(unproven, (await StatusAsync()).Unproven);
    }

    [Fact]
    public async Task A_table_loads_until_a_merge_finds_nothing_more_and_then_replicates()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await Lake.ChangeAsync(People, 'I', 2, 2, "bob");

        Assert.True((await Job.RunAsync(People, batchBytes: 1, CancellationToken.None)).More);
        var loading = await StatusAsync();
        Assert.False((await Job.RunAsync(People, batchBytes: 1, CancellationToken.None)).More);
        var replicating = await StatusAsync();

        Assert.Equal((TableState.Loading, null), (loading.State, loading.DrainedUtc));
        Assert.Equal(TableState.Replicating, replicating.State);
        var last = replicating.LastBatch!.CommittedUtc;
        Assert.True(loading.LastBatch!.CommittedUtc < last && replicating.DrainedUtc < last);
    }

    [Fact]
    public async Task A_resumed_table_is_looked_through_whole_and_takes_other_types_only_when_they_are_accepted()
    {
        var cast = People with { Columns = [People.Columns![0], new() { From = "moment", To = "name", Type = "date" }] };
        await Lake.CdcAsync(cast, "SELECT 'I' AS op, 1 AS v, 1 AS id, TIMESTAMP '2026-01-02 03:04:05' AS moment");
        await MergeAsync(cast);
        await Lake.CdcAsync(cast, "SELECT 'U' AS op, 2 AS v, 1 AS id, '2026-01-03' AS moment");
        await MergeAsync(cast);
        await Lake.CdcAsync(cast, "SELECT 'U' AS op, 3 AS v, 1 AS id, TIMESTAMP '2026-01-04 03:04:05' AS moment");
        var cause = (await FaultAsync(cast)).Message;
        await AssertRefusedAsync(
            cast, ErrorKind.Parked, $"public.people is parked, nothing is merged into analytics.people: {cause} Then resume it.");
        var parked = await StatusAsync();

        await Resume.RunAsync(cast.TargetName, Consent.None, CancellationToken.None);

        Assert.Equal((TableState.Parked, cause), (parked.State, parked.ParkedCause));
        Assert.Equal((TableState.Replicating, null), ((await StatusAsync()).State, (await StatusAsync()).ParkedCause));
        Assert.True(await Analytics.ScalarAsync<bool>("SELECT swept_at IS NULL AND parked_at IS NULL FROM cdc.tables"));
        Assert.Equal(cause, (await FaultAsync(cast)).Message);
        await Resume.RunAsync(cast.TargetName, new Consent { ToTypes = true }, CancellationToken.None);
        await MergeAsync(cast);
        Assert.Equal("1=2026-01-04", await PeopleAsync());
    }

    [Fact]
    public async Task A_role_that_may_only_read_the_ledger_reads_the_status()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        var reader = await ReadOnlyRole.CreateAsync(Analytics, "cdc");
        try
        {
            var status = Assert.Single(await new StatusJob(reader.ConnectionString).ReadAsync(CancellationToken.None));
            Assert.Equal(("analytics.people", TableState.Replicating), (status.Target, status.State));
        }
        finally
        {
            await reader.DropAsync();
        }
    }
}
