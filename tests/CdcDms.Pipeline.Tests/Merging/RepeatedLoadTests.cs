using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>
/// Full-load files that belong to another load than the table's first one park a table of which nothing can be proven: what changed in
/// between is in no file. Those of the first load never do, and neither those of a table whose next proof finds the rest (UnprovenTests).
/// </summary>
public sealed class RepeatedLoadTests(TestServers servers) : MergeFixture(servers)
{
    // Markers have no time that could be compared with that of a change, so nothing is proven of a lake that is ordered by times.
    private static readonly TableDefinition ByTime = People with { Ordering = ChangeOrdering.Timestamp };

    [Fact]
    public async Task A_table_that_is_loaded_again_parks_until_its_loads_are_accepted()
    {
        await Lake.LoadAsync(ByTime, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await MergeAsync(ByTime);
        var key = await Lake.LoadAsync(ByTime, 1, "SELECT * FROM (VALUES (1, 'ADA2'), (3, 'cyd')) t(id, name)");

        var planned = await Assert.ThrowsAsync<CdcDmsException>(() => Job.PlanAsync(ByTime, BatchLimits.Default, CancellationToken.None));
        Assert.Equal((ErrorKind.Parked, planned.Message), (planned.Kind, (await StatusAsync()).ParkedCause));
        await ResumeAsync(Consent.None);
        await AssertRefusedAsync(ByTime, ErrorKind.Parked, key, "has been written anew", "replication.generation", "--accept-loads");
        Assert.Equal("1=ada 2=bob", await PeopleAsync());

        await ResumeAsync(new Consent { ToLoads = true });
        await MergeAsync(ByTime);
        Assert.Equal("1=ada 2=bob 3=cyd", await PeopleAsync());
        await AgainAsync(() => Lake.LoadAsync(ByTime, 1, "SELECT 4 AS id, 'dan' AS name"));
        await AssertRefusedAsync(ByTime, ErrorKind.Parked, key);
    }

    [Fact]
    public async Task A_first_load_comes_in_any_order_in_pieces_and_with_the_same_bytes_again()
    {
        string Row(int id) => $"SELECT {id} AS id, 'n{id}' AS name";
        await Lake.LoadAsync(ByTime, 2, Row(2));
        await MergeAsync(ByTime);
        await Lake.LoadAsync(ByTime, 1, Row(1));
        await MergeAsync(ByTime);
        await Lake.ChangeAsync(ByTime, 'U', 1, 1, "changed");
        await MergeAsync(ByTime);
        await Lake.LoadAsync(ByTime, 3, Row(3));
        await MergeAsync(ByTime);
        await AgainAsync(() => Lake.LoadAsync(ByTime, 2, Row(2)));

        Assert.Equal(new RowCounts { Read = 1, Unchanged = 1 }, await MergeAsync(ByTime));
        Assert.Equal("1=changed 2=n2 3=n3", await PeopleAsync());
    }

    [Fact]
    public async Task A_first_load_that_is_begun_anew_is_cured_by_a_target_made_anew()
    {
        await Lake.LoadAsync(ByTime, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await MergeAsync(ByTime);
        await Lake.LoadAsync(ByTime, 1, "SELECT * FROM (VALUES (1, 'ADA2'), (3, 'cyd')) t(id, name)");
        await AssertRefusedAsync(ByTime, ErrorKind.Parked, "has been written anew");

        await Analytics.ExecuteAsync("DROP TABLE analytics.people");
        await MergeAsync(ByTime);

        Assert.Equal("1=ADA2 3=cyd", await PeopleAsync());
        Assert.Equal(TableState.Replicating, (await StatusAsync()).State);
    }

    [Theory]
    [InlineData(-3, -3, true)]
    [InlineData(-0.5, -0.5, false)]
    [InlineData(-3, -17, true)]
    [InlineData(-3, 11, true)]
    [InlineData(-3, -24 * 60, false)]
    public async Task A_load_that_is_written_long_after_the_tables_first_change_is_another_load(double hours, double named, bool parks)
    {
        await ChangeOfAsync(TimeSpan.FromHours(hours), made: DateTime.UtcNow.AddHours(named));
        var key = await Lake.LoadAsync(ByTime, 1, "SELECT * FROM (VALUES (1, 'loaded'), (2, 'bob')) t(id, name)");

        if (parks)
            await AssertRefusedAsync(ByTime, ErrorKind.Parked, key, "belong to an earlier load");
        else
            await MergeAsync(ByTime);

        Assert.Equal(parks ? "1=ada" : "1=ada 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task The_first_of_a_tables_changes_tells_of_which_load_a_file_is()
    {
        await ChangeOfAsync(TimeSpan.FromHours(-3), made: DateTime.UtcNow.AddHours(-3));
        await Lake.ChangeAsync(ByTime, 'I', 2, 9, "later");
        await MergeAsync(ByTime);
        var key = await Lake.LoadAsync(ByTime, 1, "SELECT 2 AS id, 'bob' AS name");

        await AssertRefusedAsync(ByTime, ErrorKind.Parked, key, "belong to an earlier load");
    }

    [Fact]
    public async Task A_whole_file_in_the_place_of_a_rejected_one_is_of_the_first_load()
    {
        await Lake.PutBytesAsync(Lake.LoadKey(ByTime, 1), "no Parquet"u8.ToArray());
        await ChangeOfAsync(TimeSpan.FromHours(-3), made: DateTime.UtcNow.AddHours(-3));
        await Lake.LoadAsync(ByTime, 1, "SELECT 2 AS id, 'bob' AS name");

        await MergeAsync(ByTime);

        Assert.Equal("1=ada 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task The_same_bytes_again_long_after_the_tables_first_change_are_no_other_load()
    {
        await Lake.LoadAsync(ByTime, 1, "SELECT 2 AS id, 'bob' AS name");
        await MergeAsync(ByTime);
        await ChangeOfAsync(TimeSpan.FromHours(-3), made: DateTime.UtcNow.AddHours(-3));
        await AgainAsync(() => Lake.LoadAsync(ByTime, 1, "SELECT 2 AS id, 'bob' AS name"));

        Assert.Equal(new RowCounts { Read = 1, Unchanged = 1 }, await MergeAsync(ByTime));
    }

    [Fact]
    public async Task A_newer_generation_cures_a_table_that_was_loaded_again()
    {
        await Lake.LoadAsync(ByTime, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await MergeAsync(ByTime);
        await Lake.LoadAsync(ByTime, 1, "SELECT * FROM (VALUES (1, 'ADA2'), (3, 'cyd')) t(id, name)");
        await AssertRefusedAsync(ByTime, ErrorKind.Parked, "has been written anew");
        Lake.Generation = 2;
        await Lake.LoadAsync(ByTime, 1, "SELECT 1 AS id, 'ADA3' AS name");
        await ResumeAsync(Consent.None);

        await MergeAsync(ByTime);

        // Of the load that came again nothing is merged: its row may be deleted since.
        Assert.Equal("1=ADA3 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task A_load_in_a_generation_of_its_own_is_no_repeated_one_whatever_the_older_generation_has()
    {
        await Lake.LoadAsync(ByTime, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await ChangeOfAsync(TimeSpan.FromHours(-3), made: DateTime.UtcNow.AddHours(-3));
        Lake.Generation = 2;
        await Lake.LoadAsync(ByTime, 1, "SELECT * FROM (VALUES (1, 'ADA2'), (3, 'cyd')) t(id, name)");

        await MergeAsync(ByTime);

        Assert.Equal("1=ADA2 2=bob 3=cyd", await PeopleAsync());
    }

    /// <summary>A change that was written and merged some time ago, and is in the lake no more.</summary>
    private async Task ChangeOfAsync(TimeSpan ago, DateTime made)
    {
        var key = await Lake.PutAsync(
            Lake.CdcKey(ByTime, made, made),
            "SELECT 'I' AS \"Op\", '2026-01-02 03:04:05.678901' AS cdc_timestamp, lpad('1', 35, '0') AS cdc_change_seq, "
            + "1 AS id, 'ada' AS name");
        await MergeAsync(ByTime);
        await Lake.DeleteAsync(key);
        await Analytics.ExecuteAsync(
            $"UPDATE cdc.files SET modified_at = modified_at + interval '{(int)ago.TotalMinutes} minutes' WHERE key = '{key}'");
    }

    /// <summary>Writes an object until S3 gives it another time than before: it may tell the second only.</summary>
    private async Task AgainAsync(Func<Task<string>> write)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var start = DateTime.UtcNow;
        DateTime written;
        do
        {
            var key = await write();
            written = (await Lake.Reader.ListAsync(key, null, deadline.Token).SingleAsync(deadline.Token)).ModifiedUtc;
        }
        while (written <= start);
    }

    private Task ResumeAsync(Consent consent) =>
        new ResumeJob(Analytics.ConnectionString).RunAsync(ByTime.TargetName, consent, CancellationToken.None);
}
