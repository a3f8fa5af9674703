using CdcDms.Pipeline.Merging;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>The cost of a batch follows its changes. PostgreSQL counts what it reads, so nothing is timed.</summary>
public sealed class CostTests(TestServers servers) : MergeFixture(servers)
{
    private const int Rows = 50_000;
    private const int Forgotten = 5_000;

    [Theory]
    [InlineData(DeleteMode.Hard)]
    [InlineData(DeleteMode.Soft)]
    public async Task A_few_deletes_among_many_changes_do_not_read_a_large_target_whole(DeleteMode deletes)
    {
        var table = People with { Deletes = deletes };
        await Lake.LoadAsync(table, 1, $"SELECT range::INTEGER AS id, 'n' || range AS name FROM range({Rows})");
        await Lake.CdcAsync(table, $"SELECT 'D' AS op, 5 AS v, 2 * {Rows} + range::INTEGER AS id, NULL::VARCHAR AS name FROM range({Forgotten})");
        var before = await ReadAsync(table, new RowCounts { Read = Rows + Forgotten, Inserted = Rows, Deleted = Forgotten });
        await Analytics.ExecuteAsync("ANALYZE analytics.people");
        await Lake.CdcAsync(table, "SELECT CASE WHEN range < 2 THEN 'D' ELSE 'U' END AS op, 10 AS v, range::INTEGER AS id, 'new' AS name FROM range(10000)");

        var after = await ReadAsync(table, new RowCounts { Read = 10_000, Updated = 9_998, Deleted = 2 });

        Assert.InRange(after - before, 0, 100);
    }

    /// <summary>Merges; gives the rows of the target that were read by scans of all of it so far.</summary>
    private async Task<long> ReadAsync(TableDefinition table, RowCounts expected)
    {
        // A session tells what it has read when it ends, and what it has written with it.
        var job = new MergeJob(Lake.Reader, new NpgsqlConnectionStringBuilder(Analytics.ConnectionString) { Pooling = false }.ConnectionString);
        var told = await WrittenAsync() + expected.Inserted + expected.Updated;
        var rows = new RowCounts();
        MergeOutput output;
        do
        {
            output = await job.RunAsync(table, 1L << 30, CancellationToken.None);
            rows += output.Rows;
        }
        while (output.More);
        Assert.Equal(expected, rows);

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await WrittenAsync() < told)
            await Task.Delay(20, deadline.Token);
        return await CountedAsync("seq_tup_read");
    }

    private Task<long> WrittenAsync() => CountedAsync("n_tup_ins + n_tup_upd");

    private Task<long> CountedAsync(string what) =>
        Analytics.ScalarAsync<long>($"SELECT {what} FROM pg_stat_user_tables WHERE schemaname = 'analytics' AND relname = 'people'");
}
