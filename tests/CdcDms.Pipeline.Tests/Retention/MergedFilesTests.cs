using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Retention;

namespace CdcDms.Pipeline.Tests.Retention;

/// <summary>Which files are deleted when they are older than the lake keeps them, and which never are.</summary>
public sealed class MergedFilesTests(TestServers servers) : MergeFixture(servers)
{
    private const int Days = 30;

    [Fact]
    public async Task What_is_merged_and_old_goes_and_the_newest_full_load_stays()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'load' AS name");
        await ChangesAsync(People, "('I', 1, 2, 'ada')");
        await MergeAsync(People);

        Assert.Equal(0, (await DeleteAsync()).Files);
        Clock.Advance(TimeSpan.FromDays(Days + 2));
        Assert.Equal(1, (await DeleteAsync()).Files);

        Assert.Equal(["LOAD00000001.parquet"], await NamesAsync());
        Assert.Equal("1=load 2=ada", await PeopleAsync());
    }

    [Fact]
    public async Task Without_a_retention_everything_stays()
    {
        await ChangesAsync(People, "('I', 1, 2, 'ada')");
        await MergeAsync(People);
        Clock.Advance(TimeSpan.FromDays(10_000));

        Assert.Null((await Job.RunAsync(People, 1 << 30, CancellationToken.None)).Deleted);
        Assert.Single(await NamesAsync());
    }

    [Fact]
    public async Task A_file_that_is_not_merged_stays_however_old_it_is()
    {
        await ChangesAsync(People, "('I', 1, 2, 'ada')");
        await MergeAsync(People);
        var waiting = await ChangesAsync(People, "('I', 2, 3, 'bob')");
        Clock.Advance(TimeSpan.FromDays(Days + 2));

        Assert.Equal(1, await OldGoAsync());
        Assert.Equal([waiting], await KeysAsync());
    }

    [Fact]
    public async Task A_file_that_was_merged_late_is_kept_as_long_as_one_that_was_not()
    {
        var late = await ChangesAsync(People, "('I', 1, 2, 'ada')");
        await MergeAsync(People);
        Clock.Advance(TimeSpan.FromDays(Days + 2));
        await Analytics.ExecuteAsync($"UPDATE cdc.batches SET committed_at = now() + interval '{Days + 1} days'");

        Assert.Equal(0, await OldGoAsync());
        Assert.Equal([late], await KeysAsync());
    }

    [Fact]
    public async Task Files_of_a_parked_table_stay()
    {
        await ChangesAsync(People, "('I', 1, 2, 'ada')");
        await MergeAsync(People);
        Clock.Advance(TimeSpan.FromDays(Days + 2));
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET parked_at = now(), parked_cause = 'a test'");

        Assert.Equal(0, await OldGoAsync());
        Assert.Single(await KeysAsync());
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_and_one_that_is_merged_in_part_stay()
    {
        var part = await ChangesAsync(People, "('I', 1, 2, 'ada')");
        await MergeAsync(People);
        await Analytics.ExecuteAsync("UPDATE cdc.files SET rows_merged = 1");
        var bad = Lake.CdcKey(People, DateTime.UtcNow.Date, DateTime.UtcNow.Date.AddHours(1));
        await Lake.PutBytesAsync(bad, [1, 2, 3]);
        Clock.Advance(TimeSpan.FromDays(Days + 2));
        await Analytics.ExecuteAsync(
            "INSERT INTO cdc.rejected_files (table_id, key, etag, modified_at, bytes, reason) "
            + $"SELECT id, '{bad}', 'any', now(), 3, 'a test' FROM cdc.tables");

        Assert.Equal(0, await OldGoAsync());
        Assert.Equal([part, bad], await KeysAsync());
    }

    [Fact]
    public async Task A_file_that_was_once_found_unreadable_stays_also_when_it_was_merged_since()
    {
        var key = await ChangesAsync(People, "('I', 1, 2, 'ada')");
        await MergeAsync(People);
        Clock.Advance(TimeSpan.FromDays(Days + 2));
        await Analytics.ExecuteAsync(
            "INSERT INTO cdc.rejected_files (table_id, key, etag, modified_at, bytes, reason) "
            + "SELECT table_id, key, 'of its first bytes', modified_at, 3, 'a test' FROM cdc.files");

        Assert.Equal(0, await OldGoAsync());
        Assert.Equal([key], await KeysAsync());
    }

    [Fact]
    public async Task A_file_that_was_written_anew_under_its_name_stays()
    {
        var key = await ChangesAsync(People, "('I', 1, 2, 'ada')");
        await MergeAsync(People);
        await Analytics.ExecuteAsync("UPDATE cdc.files SET etag = 'another'");
        Clock.Advance(TimeSpan.FromDays(Days + 2));

        Assert.Equal(0, await OldGoAsync());
        Assert.Equal([key], await KeysAsync());
    }

    [Fact]
    public async Task An_older_generation_s_full_load_goes_when_its_changes_have_gone()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'load' AS name");
        await ChangesAsync(People, "('I', 1, 2, 'ada')");
        await MergeAsync(People);
        Lake.Generation = 2;
        var load = await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'again' AS name");
        await MergeAsync(People);
        Clock.Advance(TimeSpan.FromDays(Days + 2));

        Assert.Equal(2, (await DeleteAsync()).Files);
        Assert.Equal([load], await KeysAsync());
    }

    [Fact]
    public async Task Files_of_a_feed_and_of_other_tables_stay()
    {
        var feed = People with { Key = ["id"], Feed = new TableFeed { Prefix = "in/" } };
        await Lake.PutAsync(Lake.Uri.Key("in/a.parquet"), "SELECT 1 AS id, 'fed' AS name");
        await MergeAsync(feed);
        var other = await ChangesAsync(People with { Name = "others" }, "('I', 1, 2, 'ada')");
        Clock.Advance(TimeSpan.FromDays(Days + 2));

        var output = await Deleting.RunAsync(feed, 1 << 30, CancellationToken.None);

        Assert.Null(output.Deleted);
        Assert.Contains(other, await AllKeysAsync());
    }

    [Fact]
    public async Task What_is_left_fills_a_new_analytics_database()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'load' AS name");
        await ChangesAsync(People, "('I', 1, 2, 'ada')");
        await MergeAsync(People);
        Clock.Advance(TimeSpan.FromDays(Days + 2));
        await DeleteAsync();
        await Analytics.ExecuteAsync("DROP SCHEMA cdc CASCADE; DROP SCHEMA analytics CASCADE");
        await ChangesAsync(People, "('I', 2, 3, 'bob')");

        await MergeAsync(People);

        // Ada has not changed since: a proof brings her from the source.
        Assert.Equal("1=load 3=bob", await PeopleAsync());
        Assert.NotEmpty((await StatusAsync()).Unproven);
    }

    [Fact]
    public async Task Files_of_markers_go_too()
    {
        await Lake.CdcAsync(
            MarkerTable.Definition, "SELECT 'I' AS op, 1 AS v, 1::BIGINT AS number, uuid() AS id, 60 AS interval_seconds");
        var job = new MarkerJob(Lake.Reader, Analytics.ConnectionString, Clock) { RetentionDays = Days };
        Assert.Equal(0, (await job.MergeAsync(CancellationToken.None)).Deleted?.Files);
        Clock.Advance(TimeSpan.FromDays(Days + 2));

        Assert.Equal(1, (await job.MergeAsync(CancellationToken.None)).Deleted?.Files);
        Assert.Empty(await AllKeysAsync());
    }

    private MergeJob Deleting => new(Lake.Reader, Analytics.ConnectionString, time: Clock) { RetentionDays = Days };

    private async Task<DeletedFiles> DeleteAsync()
    {
        var output = await Deleting.RunAsync(People, 1 << 30, CancellationToken.None);
        Assert.False(output.More);
        Assert.Null(output.Deleted!.Failure);
        return output.Deleted;
    }

    /// <summary>Deletes what is old without a merge before it.</summary>
    private async Task<int> OldGoAsync()
    {
        await using var connection = await Analytics.OpenAsync();
        var ledger = await TableLedger.FindAsync(connection, People.TargetName, CancellationToken.None);
        var files = new MergedFiles(Lake.Reader, connection, ledger!, Clock);
        await files.DeleteAsync(People.Source, Days, CancellationToken.None);
        return files.Deleted;
    }

    private async Task<List<string>> AllKeysAsync() =>
        await Lake.Reader.ListAsync(Lake.Uri.Key(""), startAfter: null, CancellationToken.None).Select(found => found.Key).ToListAsync();

    private async Task<List<string>> KeysAsync() =>
        [.. (await AllKeysAsync()).Where(key => key.Contains("/people/", StringComparison.Ordinal))];

    private async Task<List<string>> NamesAsync() => [.. (await KeysAsync()).Select(key => key.Split('/')[^1])];
}
