using CdcDms.Pipeline.Merging;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>The cost of a batch follows its changes. PostgreSQL counts what it reads, so nothing is timed.</summary>
public sealed class CostTests(TestServers servers) : MergeFixture(servers)
{
    private const int Rows = 50_000;
    private const int Forgotten = 5_000;
    private const string Session = "cost";

    [Theory]
    [InlineData(DeleteMode.Hard)]
    [InlineData(DeleteMode.Soft)]
    public async Task A_few_deletes_among_many_changes_do_not_read_a_large_target_whole(DeleteMode deletes)
    {
        var table = People with { Deletes = deletes };
        await Lake.LoadAsync(table, 1, $"SELECT range::INTEGER AS id, 'n' || range AS name FROM range({Rows})");
        await Lake.CdcAsync(
            table,
            $"SELECT 'D' AS op, 5 AS v, 2 * {Rows} + range::INTEGER AS id, NULL::VARCHAR AS name FROM range({Forgotten})");
        var before = await ReadAsync(table, new RowCounts { Read = Rows + Forgotten, Inserted = Rows, Deleted = Forgotten });
        await Analytics.ExecuteAsync("ANALYZE analytics.people");
        await Lake.CdcAsync(
            table,
            "SELECT CASE WHEN range < 2 THEN 'D' ELSE 'U' END AS op, 10 AS v, range::INTEGER AS id, 'new' AS name FROM range(10000)");

        var after = await ReadAsync(table, new RowCounts { Read = 10_000, Updated = 9_998, Deleted = 2 });

        Assert.InRange(after - before, 0, 100);
    }

    /// <summary>Merges; gives the rows of the target that were read by scans of all of it so far.</summary>
    private async Task<long> ReadAsync(TableDefinition table, RowCounts expected)
    {
        var ownSession = new NpgsqlConnectionStringBuilder(Analytics.ConnectionString) { Pooling = false, ApplicationName = Session };
        var job = new MergeJob(Lake.Reader, ownSession.ConnectionString);
        var rows = new RowCounts();
        MergeOutput output;
        do
        {
            output = await job.RunAsync(table, 1L << 30, CancellationToken.None);
            rows += output.Rows;
        }
        while (output.More);
        Assert.Equal(expected, rows);

        // A session tells what it has read before it is gone.
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        const string lives =
            $"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{Session}')";
        while (await Analytics.ScalarAsync<bool>(lives))
            await Task.Delay(20, deadline.Token);
        return await Analytics.ScalarAsync<long>("SELECT seq_tup_read FROM pg_stat_user_tables WHERE relid = 'analytics.people'::regclass");
    }
}
