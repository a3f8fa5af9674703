using CdcDms.Contract.Changes;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Quarantine;

namespace CdcDms.Pipeline.Tests.Quarantine;

/// <summary>What becomes of quarantined changes that are tried again.</summary>
public sealed class QuarantineRetryTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_change_that_cannot_be_ordered_stays()
    {
        await Lake.CdcAsync(People, "SELECT 'X' AS op, 1 AS v, 1 AS id, 'ada' AS name");
        await MergeAsync(People);

        Assert.Equal(new RetryResult(Closed: 0, Open: 1), await RetryAsync(People));

        Assert.Single(await QuarantineAsync());
        Assert.Equal("", await PeopleAsync());
    }

    [Fact]
    public async Task A_change_that_is_refused_again_says_why_it_was_the_last_time()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await Lake.ChangeAsync(Bare, 'I', 1, 1, "too long");
        await MergeAsync(Bare);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ALTER name TYPE text, ADD CONSTRAINT short CHECK (length(name) < 6)");

        Assert.Equal(new RetryResult(Closed: 0, Open: 1), await RetryAsync(Bare));

        var open = Assert.Single(await QuarantineAsync());
        Assert.Contains("violates check constraint \"short\" (Failing row contains (1, too long", open.Error, StringComparison.Ordinal);
        Assert.Equal("new row for relation \"people\" violates check constraint \"short\" (PostgreSQL's error 23514)", open.Told);
        await AssertAnswerAsync("23514", "SELECT sqlstate FROM cdc.quarantine");
    }

    [Fact]
    public async Task A_refused_change_that_is_late_by_now_says_so()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await ChangesAsync(Bare, $"('I', '{At(1)}', 1, 'too long')", $"('I', '{At(1)}', 2, 'bob')", $"('D', '{At(2)}', 2, NULL)");
        await MergeAsync(Bare);
        Clock.Advance(TimeSpan.FromHours(25));
        await ChangesAsync(Bare, $"('I', '{At(60)}', 4, 'cyd')");
        await MergeAsync(Bare);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ALTER name TYPE text");

        Assert.Equal(new RetryResult(Closed: 0, Open: 1), await RetryAsync(Bare));

        var open = Assert.Single(await QuarantineAsync());
        Assert.Equal("late", open.Reason);
        Assert.StartsWith("it is older than the deletes that are still remembered", open.Error, StringComparison.Ordinal);
        Assert.Equal(open.Error, open.Told);
        await AssertAnswerAsync(true, "SELECT sqlstate IS NULL FROM cdc.quarantine");

        static string At(double days) =>
            ChangeSequence.FromWal(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(days), 1).ToString();
    }

    [Fact]
    public async Task A_change_that_lacks_a_column_leaves_the_column_to_older_changes()
    {
        await TargetAsync("id integer PRIMARY KEY, name text CONSTRAINT short CHECK (length(name) < 4), c text");
        await Lake.ChangeAsync(Bare, 'U', 10, 1, "longer");
        await MergeAsync(Bare);
        await Lake.CdcAsync(Bare, "SELECT 'I' AS op, 5 AS v, 1 AS id, 'ada' AS name, 'x' AS c");
        await MergeAsync(Bare);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people DROP CONSTRAINT short");
        Assert.Equal(new RetryResult(Closed: 1, Open: 0), await RetryAsync(Bare));
        await Lake.CdcAsync(Bare, "SELECT 'U' AS op, 7 AS v, 1 AS id, 'bob' AS name, 'y' AS c");
        await MergeAsync(Bare);

        await AssertAnswerAsync("longer y", "SELECT name || ' ' || c FROM analytics.people");
    }

    [Fact]
    public async Task Nothing_is_merged_into_a_parked_table()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await Lake.ChangeAsync(Bare, 'I', 1, 1, "too long");
        await MergeAsync(Bare);
        await Analytics.ExecuteAsync(
            "ALTER TABLE analytics.people ALTER name TYPE text; UPDATE cdc.tables SET parked_at = now(), parked_cause = 'Some cause.'");

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => RetryAsync(Bare));

        Assert.Equal((ErrorKind.Parked, ""), (fault.Kind, await PeopleAsync()));
        Assert.Contains("Some cause. Then resume it.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_whose_column_the_target_has_lost_is_applied_without_it()
    {
        await TargetAsync("id integer PRIMARY KEY, name text, extra integer CONSTRAINT positive CHECK (extra > 0)");
        await Lake.CdcAsync(Bare, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, -1 AS extra");
        await MergeAsync(Bare);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people DROP extra");

        Assert.Equal(new RetryResult(Closed: 1, Open: 0), await RetryAsync(Bare));

        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Fact]
    public async Task A_change_is_tried_again_under_the_lock_of_its_table_and_by_the_target_as_it_is_then()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await Lake.ChangeAsync(Bare, 'I', 1, 1, "too long");
        await MergeAsync(Bare);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ALTER name TYPE text");
        using var heard = new HeardStatements(Analytics);

        await RetryAsync(Bare);

        // How long the table's lock is waited for stands in the lock's message, and nothing else sets it.
        var locked = heard.Beginnings.SkipWhile(said => said != "SELECT set_config").ToList();
        Assert.Equal(["SELECT c.oid", "CREATE TEMP TABLE cdc_staging"], locked.Where(said => said.EndsWith(".oid", StringComparison.Ordinal)
            || said.StartsWith("CREATE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_ledger_that_fails_is_told_with_what_was_not_done()
    {
        await MergeAsync(People);
        await Analytics.ExecuteAsync("DROP TABLE cdc.quarantine");

        foreach (var call in (Func<Task>[])[() => RetryAsync(People), QuarantineAsync])
        {
            var unread = await Assert.ThrowsAsync<CdcDmsException>(call);
            Assert.StartsWith("The quarantine was not read or changed", unread.Message, StringComparison.Ordinal);
        }

        await Analytics.ExecuteAsync("DROP TABLE cdc.unproven");
        foreach (var call in (Func<Task>[])[ResumeAsync, StatusAsync])
        {
            var unread = await Assert.ThrowsAsync<CdcDmsException>(call);
            Assert.StartsWith("The ledger was not read or changed", unread.Message, StringComparison.Ordinal);
        }

        Task ResumeAsync() =>
            new ResumeJob(Analytics.ConnectionString).RunAsync(
                People.TargetName, new Consent { ToTypes = true }, CancellationToken.None);
    }
}
