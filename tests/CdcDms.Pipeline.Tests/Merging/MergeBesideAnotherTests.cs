using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Merging;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>A merge that has made ready what it wants to do, and waits while somebody else does something.</summary>
public sealed class MergeBesideAnotherTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(25);

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

        // Another merge has removed the rows meanwhile, and a proof of the third generation has found all rows right.
        await WhileItWaitsAsync(
            () => MergeAsync(People),
            other => ExecuteAsync(other, "UPDATE cdc.tables SET has_older_rows = false, floor = 3 * 1e35::numeric - 1"));

        Assert.Equal("1=ada 2=bob 3=cyd", await PeopleAsync());
    }

    [Fact]
    public async Task A_table_that_is_resumed_meanwhile_tries_its_rejected_files_again()
    {
        var old = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var rejected = Lake.CdcKey(People, old, old);
        await Lake.PutBytesAsync(rejected, "no Parquet"u8.ToArray());
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        Clock.Advance(Day);
        await Lake.ChangeAsync(People, 'I', 2, 2, "bob");

        await WhileItWaitsAsync(() => MergeAsync(People), async _ =>
        {
            await new ResumeJob(Analytics.ConnectionString).RunAsync(People.TargetName, Consent.None, CancellationToken.None);
            await Lake.PutAsync(
                rejected,
                $"SELECT 'I' AS \"Op\", '2020-01-01 00:00:00' AS cdc_timestamp, 3 AS id, 'cyd' AS name, "
                + $"'{TestLake.Sequence(3)}' AS cdc_change_seq");
        });

        Assert.Equal("1=ada 2=bob 3=cyd", await PeopleAsync());
    }

    [Fact]
    public async Task A_table_that_is_resumed_while_nothing_waits_is_looked_through_whole_by_the_next_merge()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        await using var other = await Analytics.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await ExecuteAsync(other, "UPDATE cdc.tables SET swept_at = NULL, restarts = restarts + 1");

        var merging = MergeAsync(People);
        await UntilAsync(merging, "transactionid");
        await transaction.CommitAsync();
        await merging;

        await AssertAnswerAsync(true, "SELECT swept_at IS NULL FROM cdc.tables");
    }

    [Fact]
    public async Task A_file_that_lacks_a_column_which_another_merge_has_met_meanwhile_leaves_the_column_to_older_changes()
    {
        await TargetAsync("id integer PRIMARY KEY, name text, c text");
        await Lake.ChangeAsync(Bare, 'I', 1, 9, "seen");
        await MergeAsync(Bare);
        await Lake.ChangeAsync(Bare, 'U', 10, 1, "late");

        await WhileItWaitsAsync(
            () => MergeAsync(Bare),
            other => ExecuteAsync(
                other,
                // What another merge of a file with c has done.
                "UPDATE cdc.tables SET seen_columns = seen_columns || '{\"c\": \"VARCHAR\"}'; "
                + $"INSERT INTO analytics.people (id, name, c, _cdc_version) VALUES (1, 'ada', 'x', {TestLake.Version(5)})"));
        await Lake.CdcAsync(Bare, "SELECT 'U' AS op, 7 AS v, 1 AS id, 'bob' AS name, 'y' AS c");
        await MergeAsync(Bare);

        await AssertAnswerAsync("late y", "SELECT name || ' ' || c FROM analytics.people WHERE id = 1");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_lakes_only_one_fills_a_target(bool planned)
    {
        using var second = await TestLake.CreateAsync(Servers);
        await MergeAsync(People);
        var key = await second.LoadAsync(People, 1, "SELECT 1 AS id, 'other' AS name");
        var job = new MergeJob(second.Reader, Analytics.ConnectionString);
        var group = (await job.PlanAsync(People, BatchLimits.Default, CancellationToken.None)).SnapshotGroups[0];
        Task MergeSecondAsync() => planned
            ? job.RunAsync(People, group, BatchLimits.Default, CancellationToken.None)
            : job.RunAsync(People, BatchLimits.Default, CancellationToken.None);

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => WhileItWaitsAsync(
            MergeSecondAsync, other => ExecuteAsync(other, $"UPDATE cdc.tables SET lake = '{Lake.Uri}'")));

        Assert.Contains($"was filled from {Lake.Uri}, and this lake is {second.Uri}", fault.Message, StringComparison.Ordinal);
        Assert.Equal("", await PeopleAsync());
        Assert.EndsWith(".parquet", key, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_merged_into_a_table_that_is_parked_meanwhile()
    {
        await MergeAsync(People);
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => WhileItWaitsAsync(
            () => MergeAsync(People),
            other => ExecuteAsync(other, "UPDATE cdc.tables SET parked_at = now(), parked_cause = 'Some cause.'")));

        Assert.Equal((ErrorKind.Parked, ""), (fault.Kind, await PeopleAsync()));
        Assert.Equal("Some cause.", (await StatusAsync()).ParkedCause);
    }

    [Fact]
    public async Task A_key_whose_type_is_altered_meanwhile_is_that_of_the_remembered_deletes_as_well()
    {
        await TargetAsync("id integer PRIMARY KEY, name text");
        await ChangesAsync(Bare, "('I', 1, '1', 'ada')", "('D', 2, '2', NULL)");
        await MergeAsync(Bare);
        await ChangesAsync(Bare, "('D', 5, '5000000000', NULL)");

        await WhileItWaitsAsync(() => MergeAsync(Bare), other => ExecuteAsync(other, "ALTER TABLE analytics.people ALTER id TYPE bigint"));

        Assert.Empty(await QuarantineAsync());
        await ChangesAsync(Bare, "('I', 4, '5000000000', 'older than its delete')");
        await MergeAsync(Bare);
        Assert.Equal("1=ada", await PeopleAsync());
    }

    /// <summary>Does something while a merge waits for the table's lock.</summary>
    private async Task WhileItWaitsAsync(Func<Task> merge, Func<NpgsqlConnection, Task> meanwhile)
    {
        await using var other = await Analytics.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await ExecuteAsync(other, "SELECT pg_advisory_xact_lock(1130652484, id) FROM cdc.tables");
        var merging = merge();
        await UntilAsync(merging, "advisory");
        await meanwhile(other);
        await transaction.CommitAsync();
        await merging;
    }

    private async Task UntilAsync(Task merging, string waitsFor)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await Analytics.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_stat_activity a JOIN pg_locks l USING (pid) WHERE a.datname = current_database() "
            + $"AND l.locktype = '{waitsFor}' AND NOT l.granted)"))
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
