using CdcDms.Contract.Changes;
using CdcDms.Pipeline.Quarantine;

namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>Deletes are remembered for a retention; what comes from before it, of a row that is not there, is nobody's to judge.</summary>
public sealed class TombstoneTests(TestServers servers) : MergeFixture(servers)
{
    // A little more than the day after which the lake is listed whole: tombstones are forgotten then.
    private static readonly TimeSpan SweepInterval = TimeSpan.FromHours(25);

    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(int.MaxValue)]
    public async Task Deletes_that_are_kept_longer_than_there_is_time_are_never_forgotten(int days)
    {
        var keeping = People with { TombstoneRetentionDays = days };
        var made = ChangeSequence.FromWal(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), 1);
        await ChangesAsync(keeping, $"('I', '{made}', 1, 'ada')");

        await MergeAsync(keeping);

        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Fact]
    public async Task A_tombstone_is_forgotten_after_its_retention_and_a_late_change_is_put_aside()
    {
        await ChangesAsync(
            People,
            $"('I', '{At(1)}', 1, 'ada')",
            $"('D', '{At(2)}', 1, NULL)",
            $"('I', '{At(1)}', 2, 'bob')",
            $"('D', '{At(20)}', 3, NULL)");
        await MergeAsync(People);
        Assert.Equal(2, await TombstonesAsync());
        Clock.Advance(SweepInterval);
        await Lake.CdcAsync(People, $"SELECT 'I' AS op, '{At(40)}' AS v, 4 AS id, 'cyd' AS name");
        await MergeAsync(People);
        Assert.Equal(1, await TombstonesAsync());

        await ChangesAsync(
            People,
            $"('U', '{At(1.5)}', 1, 'late')",
            $"('U', '{At(1.5)}', 2, 'old but there')",
            $"('U', '{At(1.6)}', 3, 'stale')",
            $"('D', '{At(1.7)}', 5, NULL)");

        Assert.Equal(new RowCounts { Read = 4, Updated = 1, Stale = 1, Deleted = 1, Quarantined = 1 }, await MergeAsync(People));
        Assert.Equal("2=old but there 4=cyd", await PeopleAsync());
        Assert.Equal(("late", $"001{At(1.5)}"), ((await QuarantineAsync())[0].Reason, (await QuarantineAsync())[0].Version));
        Assert.Equal(1, await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.quarantine"));
        Assert.Equal(new RetryResult(Closed: 0, Open: 1), await RetryAsync(People));

        await Lake.CdcAsync(People, $"SELECT 'I' AS op, '{At(41)}' AS v, 1 AS id, 'second life' AS name");
        await MergeAsync(People);
        Assert.Empty(await QuarantineAsync());
        Assert.Equal("1=second life 2=old but there 4=cyd", await PeopleAsync());
    }

    [Theory]
    [InlineData(DeleteMode.Hard, LobUpdates.Trust, false)]
    [InlineData(DeleteMode.Hard, LobUpdates.KeepOnNull, true)]
    [InlineData(DeleteMode.Hard, LobUpdates.Trust, true)]
    public async Task A_late_delete_does_not_make_the_image_above_it_come_back(DeleteMode deletes, LobUpdates lobs, bool oneFile)
    {
        var table = People with { Deletes = deletes, LobUpdates = lobs };
        await ChangesAsync(table, $"('I', '{At(1)}', 1, 'ada')", $"('D', '{At(7)}', 1, NULL)");
        await MergeAsync(table);
        Clock.Advance(SweepInterval);
        await Lake.CdcAsync(table, $"SELECT 'I' AS op, '{At(60)}' AS v, 4 AS id, 'cyd' AS name");
        await MergeAsync(table);
        Assert.Equal(0, await TombstonesAsync());

        string[] late = [$"('D', '{At(5)}', 1, NULL)", $"('I', '{At(6)}', 1, 'ghost')"];
        foreach (var file in oneFile ? [late] : late.Select(change => new[] { change }))
            await ChangesAsync(table, file);
        await MergeAsync(table, batchBytes: 1);

        Assert.Equal("4=cyd", await PeopleAsync());
    }

    [Fact]
    public async Task As_many_late_changes_as_may_be_are_put_aside()
    {
        await LateAsync(1000);

        Assert.Equal(new RowCounts { Read = 1000, Quarantined = 1000 }, await MergeAsync(People));
    }

    [Fact]
    public async Task Too_many_late_changes_park_the_table_and_nothing_is_applied()
    {
        await LateAsync(1001);

        await AssertRefusedAsync(People, ErrorKind.Parked, "more than 1000 rows are older than the deletes that are still remembered");

        Assert.Equal("4=cyd", await PeopleAsync());
        Assert.Empty(await QuarantineAsync());
    }

    [Fact]
    public async Task A_full_load_of_a_newer_generation_is_above_every_delete_that_is_forgotten()
    {
        await ChangesAsync(People, $"('I', '{At(1)}', 1, 'ada')", $"('D', '{At(2)}', 1, NULL)");
        await MergeAsync(People);
        Clock.Advance(SweepInterval);
        await Lake.CdcAsync(People, $"SELECT 'I' AS op, '{At(40)}' AS v, 4 AS id, 'cyd' AS name");
        await MergeAsync(People);
        Lake.Generation = 2;
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");

        Assert.Equal(new RowCounts { Read = 2, Inserted = 2 }, await MergeAsync(People));
        Assert.Empty(await QuarantineAsync());
    }

    [Fact]
    public async Task Tombstones_of_a_generation_are_forgotten_by_its_own_time_alone()
    {
        await ChangesAsync(People, $"('I', '{At(1)}', 1, 'ada')", $"('D', '{At(2)}', 1, NULL)");
        await MergeAsync(People);
        Lake.Generation = 2;
        await ChangesAsync(People, $"('I', '{At(50)}', 2, 'bob')", $"('D', '{At(51)}', 2, NULL)");
        await MergeAsync(People);
        Clock.Advance(SweepInterval);
        await Lake.CdcAsync(People, $"SELECT 'I' AS op, '{At(100)}' AS v, 4 AS id, 'cyd' AS name");
        await MergeAsync(People);
        Assert.Equal(1, await TombstonesAsync());

        Lake.Generation = 1;
        await ChangesAsync(People, $"('I', '{At(1.5)}', 1, 'deleted since')", $"('I', '{At(3)}', 3, 'of the older generation')");
        await MergeAsync(People);
        Lake.Generation = 2;
        await Lake.CdcAsync(People, $"SELECT 'I' AS op, '{At(50.5)}' AS v, 2 AS id, 'late' AS name");

        Assert.Equal(new RowCounts { Read = 1, Quarantined = 1 }, await MergeAsync(People));
        // Of a key that the older generation alone tells, nobody knows whether the newer one has deleted it since.
        Assert.Equal("4=cyd", await PeopleAsync());
        Assert.Equal(2, (await QuarantineAsync()).Count);
    }

    [Fact]
    public async Task A_forgotten_delete_of_a_newer_generation_lets_no_older_one_bring_its_row_back()
    {
        await Lake.CdcAsync(People, $"SELECT 'I' AS op, '{At(1)}' AS v, 9 AS id, 'other' AS name");
        await MergeAsync(People);
        Lake.Generation = 2;
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        await ChangesAsync(People, $"('D', '{At(50)}', 1, NULL::VARCHAR)");
        await MergeAsync(People);
        Clock.Advance(SweepInterval);
        await Lake.CdcAsync(People, $"SELECT 'I' AS op, '{At(100)}' AS v, 4 AS id, 'cyd' AS name");
        await MergeAsync(People);
        Assert.Equal(0, await TombstonesAsync());

        Lake.Generation = 1;
        await Lake.CdcAsync(People, $"SELECT 'I' AS op, '{At(2)}' AS v, 1 AS id, 'ghost' AS name");
        await MergeAsync(People);

        Assert.Equal("4=cyd 9=other", await PeopleAsync());
        Assert.Equal("late", Assert.Single(await QuarantineAsync()).Reason);
    }

    [Fact]
    public async Task Nothing_is_late_while_no_tombstone_was_forgotten()
    {
        await Lake.CdcAsync(People, $"SELECT 'I' AS op, '{At(40)}' AS v, 4 AS id, 'cyd' AS name");
        await MergeAsync(People);
        Clock.Advance(SweepInterval);
        await Lake.CdcAsync(People, $"SELECT 'I' AS op, '{At(1)}' AS v, 1 AS id, 'ada' AS name");
        await MergeAsync(People);
        await Lake.LoadAsync(People, 1, "SELECT 2 AS id, 'bob' AS name");

        Assert.Equal(new RowCounts { Read = 1, Inserted = 1 }, await MergeAsync(People));
        Assert.Equal("1=ada 2=bob 4=cyd", await PeopleAsync());
    }

    [Fact]
    public async Task Versions_that_are_no_times_are_never_forgotten()
    {
        await Lake.ChangeAsync(People, 'D', 1, 1, null);
        await MergeAsync(People);
        Clock.Advance(SweepInterval);
        await Lake.ChangeAsync(People, 'I', 999999, 2, "bob");
        await MergeAsync(People);

        Assert.Equal(1, await TombstonesAsync());
    }

    private static string At(double days) => ChangeSequence.FromWal(Start.AddDays(days), 1).ToString();

    private Task<long> TombstonesAsync() => Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.tombstones_1");

    /// <summary>A row beside deletes that are forgotten, and so many changes from before them.</summary>
    private async Task LateAsync(int changes)
    {
        await ChangesAsync(People, $"('I', '{At(1)}', 1, 'ada')", $"('D', '{At(7)}', 1, NULL)");
        await MergeAsync(People);
        Clock.Advance(SweepInterval);
        await Lake.CdcAsync(People, $"SELECT 'I' AS op, '{At(60)}' AS v, 4 AS id, 'cyd' AS name");
        await MergeAsync(People);
        await Lake.CdcAsync(
            People, $"SELECT 'I' AS op, '{At(3)}' AS v, (100 + range)::INTEGER AS id, 'old' AS name FROM range({changes})");
    }
}
