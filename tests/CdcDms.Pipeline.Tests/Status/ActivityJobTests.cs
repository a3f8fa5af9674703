using CdcDms.Pipeline.Status;

namespace CdcDms.Pipeline.Tests.Status;

/// <summary>What the ledger tells to one who keeps looking.</summary>
public sealed class ActivityJobTests(TestServers servers) : MergeFixture(servers)
{
    private ActivityJob Activity => new(Analytics.ConnectionString);

    [Fact]
    public async Task A_database_without_a_ledger_has_no_activity_and_is_left_alone()
    {
        Assert.Empty((await Activity.ReadAsync(CancellationToken.None)).Tables);
        Assert.Equal("", await Activity.MarkAsync(CancellationToken.None));
        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => Activity.BatchesAsync(People.TargetName, null, 10, CancellationToken.None));

        Assert.Equal("Nothing was ever merged into analytics.people; take a table that the ledger has.", fault.Message);
        Assert.False(await Analytics.ScalarAsync<bool>("SELECT to_regnamespace('cdc') IS NOT NULL"));
    }

    [Fact]
    public async Task A_batch_counts_in_its_hour_until_a_day_has_passed()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')");
        await MergeAsync(People);
        await BatchesAsync("now() - interval '23 hours'", 5);
        await BatchesAsync("now() - interval '24 hours'", 70);

        var table = Assert.Single((await Activity.ReadAsync(CancellationToken.None)).Tables);

        Assert.Equal((5, 2, 7), (table.Hours[0], table.Hours[^1], table.Hours.Sum()));
        Assert.Equal((2, 7, 7), (table.Day.Batches, table.Day.Read, table.Day.Inserted));
    }

    [Fact]
    public async Task Batches_come_newest_first_page_by_page()
    {
        await MergeAsync(People);
        foreach (var read in (int[])[1, 2, 3])
            await BatchesAsync($"'2026-01-0{read} 00:00:00.123456Z'", read);

        var newest = await Activity.BatchesAsync(People.TargetName, null, 2, CancellationToken.None);
        var older = await Activity.BatchesAsync(People.TargetName, newest[^1].CommittedUtc, 2, CancellationToken.None);

        Assert.Equal([3, 2], newest.Select(batch => batch.Rows.Read));
        Assert.Equal([1], older.Select(batch => batch.Rows.Read));
    }

    [Fact]
    public async Task The_mark_stays_while_nothing_changes_and_is_another_after_each_change()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        var marks = new HashSet<string> { await Activity.MarkAsync(CancellationToken.None) };
        Assert.Contains(await Activity.MarkAsync(CancellationToken.None), marks);

        foreach (var change in (string[])
        [
            "UPDATE cdc.tables SET parked_at = now(), parked_cause = 'it is'",
            "UPDATE cdc.tables SET drained_at = now()",
            "UPDATE cdc.tables SET proven_at = now()",
            "UPDATE cdc.tables SET listed_until = now()",
            "DELETE FROM cdc.unproven",
            "INSERT INTO cdc.rejected_files (table_id, key, etag, modified_at, bytes, reason) "
                + "SELECT id, 'k', 'e', now(), 1, 'r' FROM cdc.tables",
            "INSERT INTO cdc.quarantine (table_id, reason, change, types, error) SELECT id, 'late', '{}', '{}', 'e' FROM cdc.tables",
        ])
        {
            await Analytics.ExecuteAsync(change);
            Assert.True(marks.Add(await Activity.MarkAsync(CancellationToken.None)), change);
        }

        await BatchesAsync("now()", 1);
        Assert.True(marks.Add(await Activity.MarkAsync(CancellationToken.None)));
    }

    private Task<int> BatchesAsync(string committedAt, int inserted) => Analytics.ExecuteAsync(
        $"""
        INSERT INTO cdc.batches (
            table_id, committed_at, files, bytes, read, inserted, updated, unchanged, deleted, superseded, stale, quarantined, removed)
        SELECT id, {committedAt}, 1, 10, {inserted}, {inserted}, 0, 0, 0, 0, 0, 0, 0 FROM cdc.tables WHERE target_schema <> 'cdc'
        """);
}
