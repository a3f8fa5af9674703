using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Tests.Ledger;

/// <summary>The newest marker that is due, among many.</summary>
public sealed class DueMarkerTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task The_newest_due_marker_is_found_without_reading_all_markers()
    {
        await MergeAsync(People);
        await Analytics.ExecuteAsync(
            """
            UPDATE cdc.tables SET lake = 'many', listed_until = now() WHERE target_name = 'people';
            INSERT INTO cdc.markers (
                lake, generation, id, number, lowest_version, highest_version, committed_at, stored_at, interval_seconds)
            SELECT 'many', 1, gen_random_uuid(), n, n, n, now() - (20000 - n) * interval '5 minutes',
                now() - (20000 - n) * interval '5 minutes', 60
            FROM generate_series(1, 20000) n;
            ANALYZE cdc.markers;
            """);

        var plan = await Analytics.ScalarAsync<string>(
            $"EXPLAIN (FORMAT JSON) SELECT n.number FROM cdc.tables t CROSS JOIN LATERAL ({DueMarker.Newest}) n "
            + "WHERE t.target_name = 'people'");
        var newest = await Analytics.ScalarAsync<long>(
            $"SELECT n.number FROM cdc.tables t CROSS JOIN LATERAL ({DueMarker.Newest}) n WHERE t.target_name = 'people'");

        Assert.NotEmpty(Scans(plan!));
        Assert.DoesNotContain("Seq Scan", Scans(plan!), StringComparison.Ordinal);
        // After the one before the newest two minutes must have passed, and before it one minute: the newest is too new for that.
        Assert.Equal(19_998, newest);
    }

    // The parts of a plan that read a table: what stands before its name, from the kind of the node on.
    private static string Scans(string plan) => string.Join('\n', plan.Split("\"Relation Name\": \"markers\"").SkipLast(1).Select(
        before => before[before.LastIndexOf("\"Node Type\"", StringComparison.Ordinal)..]));
}
