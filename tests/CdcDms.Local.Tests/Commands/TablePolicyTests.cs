using CdcDms.Pipeline.Ledger;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>What a definition can ask for, from the source's WAL to the analytics table.</summary>
public sealed class TablePolicyTests(TestServers servers) : PipelineFixture(servers)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_wide_value_that_an_update_leaves_alone_survives_with_keepOnNull(bool keeps)
    {
        await Source.ExecuteAsync(
            "INSERT INTO accounts SELECT 9000 + n, n, (SELECT string_agg(md5(n || '-' || m), '') FROM generate_series(1, 500) m) FROM "
            + "generate_series(1, 20) n");
        if (keeps)
            await DefineAsync("\"lobUpdates\": \"keepOnNull\"");
        await CaptureAsync();
        await Source.ExecuteAsync(
            "UPDATE accounts SET balance = balance + 1 WHERE id > 9000; UPDATE accounts SET note = 'short' WHERE id = 9001");

        if (keeps)
        {
            await ArrivesIdenticalAsync();
        }
        else
        {
            // The update's row says NULL, and it is believed.
            await CaptureAsync();
            await MergeAsync();
            Assert.Equal(19, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.accounts WHERE note IS NULL"));
        }
    }

    [Fact]
    public async Task Rows_that_are_deleted_softly_stay_and_are_not_compared()
    {
        await DefineAsync("\"deletes\": \"soft\"");
        await CaptureAsync();
        await Source.ExecuteAsync("UPDATE accounts SET note = 'last' WHERE id <= 10; DELETE FROM accounts WHERE id <= 10");

        await ArrivesIdenticalAsync();

        Assert.Equal(10, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.accounts WHERE _cdc_deleted AND note = 'last'"));
        Assert.Equal(3000, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.accounts"));
    }

    [Fact]
    public async Task A_column_added_at_the_source_arrives_with_the_rows_that_change_and_is_told_as_unproven()
    {
        await ArrivesIdenticalAsync();
        await Source.ExecuteAsync("ALTER TABLE accounts ADD level integer NOT NULL DEFAULT 7");
        await Source.ExecuteAsync("UPDATE accounts SET balance = 1 WHERE id <= 100");
        await CaptureAsync();
        await MergeAsync();
        Assert.Equal((100L, 2900L), (
            await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.accounts WHERE level = 7"),
            await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.accounts WHERE level IS NULL")));
        var status = Assert.Single(
            await new StatusJob(Analytics.ConnectionString).ReadAsync(CancellationToken.None),
            table => table.Target == "analytics.accounts");
        Assert.Contains(("level", UnprovenCause.ColumnAdded), status.Unproven.Select(unproven => (unproven.Subject, unproven.Cause)));

        await Source.ExecuteAsync("UPDATE accounts SET balance = balance");
        await ArrivesIdenticalAsync();
    }

    /// <summary>Adds a property to every definition.</summary>
    private async Task DefineAsync(string property)
    {
        var json = await File.ReadAllTextAsync(Definitions);
        json = json.Replace("\"deletes\": \"hard\",", "", StringComparison.Ordinal).Replace(
            "\"schema\":", $"{property}, \"schema\":", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Definitions, json);
    }
}
