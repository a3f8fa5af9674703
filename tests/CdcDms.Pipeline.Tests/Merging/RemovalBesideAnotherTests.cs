using Npgsql;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>A merge that removes rows of older generations while another one has gone on.</summary>
public sealed class RemovalBesideAnotherTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task Rows_over_which_a_proof_has_raised_the_floor_are_not_removed_by_a_merge_that_looked_before()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        Lake.Generation = 2;
        await Lake.ManifestAsync(People, await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)"));
        await MergeAsync(People);
        // As a merge leaves it that dies between raising the floor and removing the rows.
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET has_older_rows = true");
        Lake.Generation = 3;
        await Lake.ChangeAsync(People, 'I', 1, 3, "cyd");

        await using var other = await Analytics.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await ExecuteAsync(other, "SELECT pg_advisory_xact_lock(1130652484, id) FROM cdc.tables");
        var merging = MergeAsync(People);
        await UntilItWaitsAsync(merging);
        // Another merge has removed the rows meanwhile, and a proof of the third generation has found all rows right.
        await ExecuteAsync(other, "UPDATE cdc.tables SET has_older_rows = false, floor = 3 * 1e35::numeric - 1");
        await transaction.CommitAsync();
        await merging;

        Assert.Equal("1=ada 2=bob 3=cyd", await PeopleAsync());
    }

    private async Task UntilItWaitsAsync(Task merging)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await Analytics.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() "
            + "AND l.locktype = 'advisory' AND NOT l.granted)"))
        {
            if (merging.IsCompleted)
                await merging;
            deadline.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
