using CdcDms.Pipeline.Merging;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>A full-load file that one merge takes whole and another in parts.</summary>
public sealed class WholeAndPartTests(TestServers servers) : MergeFixture(servers)
{
    private const string Waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted)";

    [Fact]
    public async Task Each_row_is_counted_once_by_a_merge_that_takes_the_file_whole_and_one_that_takes_a_part()
    {
        var table = People with { Columns = null, Key = null };
        await TargetAsync(
            "id integer PRIMARY KEY, name text, CHECK (public.gate(id))",
            before: """
                CREATE FUNCTION public.gate(id integer) RETURNS boolean LANGUAGE plpgsql AS $$
                BEGIN
                    IF id = 0 THEN PERFORM pg_advisory_xact_lock_shared(4711); END IF;
                    RETURN true;
                END $$
                """);
        await Lake.LoadAsync(table, 1, "SELECT (9 - range)::INTEGER AS id, 'n' AS name FROM range(10)");
        await using var holder = await Analytics.OpenAsync();
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_lock(4711)", holder))
            await hold.ExecuteNonQueryAsync();

        var whole = Job.RunAsync(table, BatchLimits.Default, CancellationToken.None);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await Analytics.ScalarAsync<bool>(Waits))
            await Task.Delay(50, deadline.Token);
        var part = await Job.RunAsync(table, BatchLimits.Default with { Rows = 4 }, CancellationToken.None);
        await using (var free = new NpgsqlCommand("SELECT pg_advisory_unlock(4711)", holder))
            await free.ExecuteNonQueryAsync();
        var rows = part.Rows + (await whole).Rows + await MergeAsync(table);

        Assert.Equal(new RowCounts { Read = 10, Inserted = 10 }, rows);
        await AssertAnswerAsync(10L, "SELECT sum(read)::bigint FROM cdc.batches");
    }

    [Fact]
    public async Task A_complete_load_that_is_merged_in_parts_removes_older_rows_with_its_last_part()
    {
        await Lake.ChangeAsync(People, 'I', 1, 99, "gone");
        await MergeAsync(People);
        Lake.Generation = 2;
        await Lake.ManifestAsync(
            People, await Lake.LoadAsync(People, 1, "SELECT range::INTEGER AS id, 'n' AS name FROM range(10)"));

        await Job.RunAsync(People, BatchLimits.Default with { Rows = 4 }, CancellationToken.None);
        await AssertAnswerAsync(5L, "SELECT count(*) FROM analytics.people");

        Assert.Equal(6, (await MergeAsync(People)).Read);
        await AssertAnswerAsync(10L, "SELECT count(*) FROM analytics.people");
    }
}
