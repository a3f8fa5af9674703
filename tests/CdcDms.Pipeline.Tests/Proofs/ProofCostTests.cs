using System.Diagnostics;
using System.Globalization;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Proofs;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>
/// What is read for the check after a batch follows the batch's keys and not the table. PostgreSQL counts what it reads, so no time is
/// judged. <c>CDCDMS_THOUSAND_CHECKED</c> says how many thousand rows the smaller table has, 11 by default: with 11 and 110 thousand
/// rows, as with one and ten million, both indexes have as many levels.
/// </summary>
public sealed class ProofCostTests(TestServers servers) : ProofFixture(servers)
{
    private static readonly int Rows =
        1000 * int.Parse(Environment.GetEnvironmentVariable("CDCDMS_THOUSAND_CHECKED") ?? "11", CultureInfo.InvariantCulture);

    private static readonly int Keys = Math.Min(1000, Rows / 1000);
    private const int Most = 500_000;
    private const string Session = "check";

    // What a session has read is told at its end, or when it is asked to.
    private const string Told = "SELECT pg_stat_force_next_flush()";

    [Fact]
    public async Task The_check_after_a_batch_reads_as_much_of_a_table_ten_times_as_large()
    {
        await ChangesAsync(People, "('D', 1, 0, NULL::VARCHAR)");
        await MergeAsync(People);
        await Source.ExecuteAsync("ALTER TABLE people SET (autovacuum_enabled = false)");
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people SET (autovacuum_enabled = false)");
        await FillAsync(1, Rows);
        var small = await CheckAsync(Rows, marker: 1, version: 100);
        await FillAsync(Rows + 1, 10 * Rows);
        var large = await CheckAsync(10 * Rows, marker: 3, version: 300);

        Assert.Equal((0, 0), (small.Scanned, large.Scanned));
        Assert.InRange(large.Blocks, 1, small.Blocks + Keys);
    }

    private async Task FillAsync(int first, int last)
    {
        // A statement has half a minute.
        for (var from = first; from <= last; from += Most)
        {
            var rows = $"FROM generate_series({from}, {Math.Min(last, from + Most - 1)}) i";
            await Source.ExecuteAsync($"INSERT INTO people SELECT i, 'n' {rows}; {Told}");
            await Analytics.ExecuteAsync(
                $"INSERT INTO analytics.people (id, name, _cdc_version) SELECT i, 'n', 1e35 + 1 {rows}; {Told}");
        }

        await Source.ExecuteAsync($"ANALYZE people; {Told}");
        await Analytics.ExecuteAsync($"ANALYZE analytics.people; {Told}");
    }

    /// <summary>A batch all over the table, the sample of its keys at the source, and the merge that judges and repairs.</summary>
    /// <returns>Rows that scans of a whole table have read since the batch; blocks of table and indexes, on both sides.</returns>
    private async Task<(long Scanned, long Blocks)> CheckAsync(int rows, long marker, int version)
    {
        int[] keys = [.. Enumerable.Range(1, Keys).Select(key => key * (rows / Keys))];
        await ChangesAsync(People, [.. keys.Select(key => $"('U', {version - 50}, {key}, 'new')")]);
        await Source.ExecuteAsync($"UPDATE people SET name = 'new' WHERE id IN ({string.Join(", ", keys)}); {Told}");
        await MergeAsync(sampledKeys: 1000);
        var before = await ReadAsync();
        var began = Stopwatch.GetTimestamp();

        Assert.Equal(Keys, await new ProofJob(Own(Source), Own(Analytics), intervalSeconds: 60, settleSeconds: 0)
            .AskSampleAsync(People, 1000, new ProofRepair(), CancellationToken.None));
        var asked = Stopwatch.GetElapsedTime(began);
        await MarkersAsync(marker, version, version + 100);
        began = Stopwatch.GetTimestamp();
        await MergeAsync(sampledKeys: 0);
        var judged = Stopwatch.GetElapsedTime(began);
        Assert.Equal("Proven 0 0 0", await OutcomeAsync(marker));

        var after = await ReadAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant(
            $"{rows} rows, {Keys} keys: asked in {asked.TotalMilliseconds:0} ms, judged in {judged.TotalMilliseconds:0} ms, ")
            + $"{after.Blocks - before.Blocks} blocks");
        return (after.Scanned - before.Scanned, after.Blocks - before.Blocks);
    }

    private Task<MergeOutput> MergeAsync(int sampledKeys) => new MergeJob(Lake.Reader, Own(Analytics)).RunAsync(
        People, BatchLimits.Default with { SampledKeys = sampledKeys }, CancellationToken.None);

    private async Task<(long Scanned, long Blocks)> ReadAsync()
    {
        var (source, target) = (await ReadAsync(Source), await ReadAsync(Analytics));
        return (source.Scanned + target.Scanned, source.Blocks + target.Blocks);
    }

    private static async Task<(long Scanned, long Blocks)> ReadAsync(TestDatabase database)
    {
        // A session tells what it has read before it is gone.
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await database.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{Session}')"))
            await Task.Delay(20, deadline.Token);
        const string read =
            "SELECT {0} FROM pg_stat_user_tables t JOIN pg_statio_user_tables b USING (relid) WHERE t.relname = 'people'";
        return (
            await database.ScalarAsync<long>(read.Replace("{0}", "seq_tup_read", StringComparison.Ordinal)),
            await database.ScalarAsync<long>(
                read.Replace("{0}", "heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit", StringComparison.Ordinal)));
    }

    private static string Own(TestDatabase database) =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false, ApplicationName = Session }.ConnectionString;
}
