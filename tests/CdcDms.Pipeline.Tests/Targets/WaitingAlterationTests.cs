using Npgsql;

namespace CdcDms.Pipeline.Tests.Targets;

/// <summary>What has to wait until a target can be altered: work on that table, and no other's.</summary>
public sealed class WaitingAlterationTests(TestServers servers) : MergeFixture(servers)
{
    private const string IsWaiting =
        "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() "
        + "AND l.locktype = 'relation' AND NOT l.granted)";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("SELECT 1", "LOCK TABLE analytics.people IN ACCESS SHARE MODE")]
    [InlineData("DROP TABLE cdc.tombstones_1", "LOCK TABLE analytics.people IN ACCESS EXCLUSIVE MODE")]
    public async Task Another_table_is_made_and_merged_while_the_alteration_of_one_waits(string before, string held)
    {
        var isPrepared = before != "SELECT 1";
        var bare = People with { Key = null, Columns = null };
        await TargetAsync("id integer PRIMARY KEY, name text");
        await Lake.ChangeAsync(bare, 'I', 1, 1, "ada");
        if (isPrepared)
            await MergeAsync(bare);
        await Analytics.ExecuteAsync(before);
        await Lake.ChangeAsync(bare, 'U', 2, 1, "ada 2");
        var others = People with { Name = "others", Target = "analytics.others" };
        await Lake.ChangeAsync(others, 'I', 1, 7, "bob");
        await using var holder = await Analytics.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand(held, holder, transaction))
            await hold.ExecuteNonQueryAsync();

        var waiting = MergeAsync(bare);
        await UntilAsync(IsWaiting);
        await MergeAsync(others).WaitAsync(Deadline);

        await AssertAnswerAsync(true, IsWaiting);
        await AssertAnswerAsync("bob", "SELECT name FROM analytics.others");
        await transaction.RollbackAsync();
        await waiting;
        Assert.Equal("1=ada 2", await PeopleAsync());
    }

    private async Task UntilAsync(string condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await Analytics.ScalarAsync<bool>(condition))
            deadline.Token.ThrowIfCancellationRequested();
    }
}
