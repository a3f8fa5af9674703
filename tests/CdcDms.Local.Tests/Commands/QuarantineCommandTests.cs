using System.Globalization;
using System.Text.Json.Nodes;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>The changes that were put aside: shown, tried again, given up.</summary>
public sealed class QuarantineCommandTests(TestServers servers) : AsideFixture(servers)
{
    [Fact]
    public async Task List_shows_each_change_with_its_error_and_values()
    {
        await PutAsideAsync();

        var change = Assert.Single(await QuarantineAsync())!;
        var (exitCode, output, errors) = await RunAsync("quarantine", "list", "--target", Analytics.ConnectionString);

        Assert.Equal(
            ("analytics.accounts", "refused", "U"),
            (change["target"]!.GetValue<string>(), change["reason"]!.GetValue<string>(), change["operation"]!.GetValue<string>()));
        Assert.Equal(("17", "2000000.00"), (change["change"]!["id"]!.GetValue<string>(), change["change"]!["balance"]!.GetValue<string>()));
        Assert.Equal(38, change["version"]!.GetValue<string>().Length);
        Assert.Contains("violates check constraint \"poor\"", change["error"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Matches($@"\| {change["id"]} +\| analytics\.accounts +\|", output);
        Assert.Contains("violates check constraint \"poor\" (PostgreSQL's error 23514)", output, StringComparison.Ordinal);
        Assert.Contains("Failing row contains (17, ", change["error"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain("Failing row", output, StringComparison.Ordinal);
        Assert.DoesNotContain("2000000", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_merge_that_fails_names_what_refuses_a_row_and_not_its_values()
    {
        await ArriveAsync();
        await CaptureRefusedAccountAsync();
        await RedefineAsync("accounts", table => table["badRows"] = "fail");
        string[] merge =
            ["merge", "--target", Analytics.ConnectionString, .. CommandLine.Lake(Servers, Lake), "--tables", Definitions];

        var (exitCode, _, errors) = await RunAsync(merge);
        var (_, json, _) = await RunAsync([.. merge, "--json"]);
        var (_, _, verbose) = await RunAsync([.. merge, "--verbose"]);

        Assert.Equal(1, exitCode);
        Assert.All([errors, json], told =>
        {
            Assert.Matches("new row for relation .*accounts.* violates check constraint .*poor", told);
            Assert.DoesNotContain("2000000", told, StringComparison.Ordinal);
        });
        Assert.Contains("Failing row contains (17, ", verbose, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_is_exit_code_1_while_a_change_stays_and_0_when_it_is_applied()
    {
        await PutAsideAsync();

        var early = await RunAsync(Retry());
        await Analytics.ExecuteAsync("ALTER TABLE analytics.accounts DROP CONSTRAINT poor");
        var cured = await RunAsync(Retry());
        var again = await RunAsync(Retry());

        Assert.Equal(
            (1, "0 applied or outdated, 1 still open.", "1 change stays in the quarantine: look at quarantine list for the reasons."),
            Trimmed(early));
        Assert.Equal((0, "1 applied or outdated, 0 still open.", ""), Trimmed(cured));
        Assert.Equal((0, "0 applied or outdated, 0 still open.", ""), Trimmed(again));
        Assert.Empty(await QuarantineAsync());
        await ArrivesIdenticalAsync();
    }

    [Fact]
    public async Task Retry_tries_only_what_is_named()
    {
        await PutAsideAsync();
        await Source.ExecuteAsync("UPDATE accounts SET balance = 3000000 WHERE id = 19");
        await ArriveAsync();
        await Analytics.ExecuteAsync("ALTER TABLE analytics.accounts DROP CONSTRAINT poor");
        var ids = (await QuarantineAsync()).Select(change => change!["id"]!.ToString()).ToList();

        Assert.Equal((0, "1 applied or outdated, 0 still open.", ""), Trimmed(await RunAsync(Retry("--id", ids[1]))));

        Assert.Equal(ids[0], Assert.Single(await QuarantineAsync())!["id"]!.ToString());
        Assert.Equal("17,3000000.00", await Analytics.ScalarAsync<string>(
            "SELECT concat_ws(',', (SELECT balance::integer FROM analytics.accounts WHERE id = 17), (SELECT balance FROM "
            + "analytics.accounts WHERE id = 19))"));
    }

    [Fact]
    public async Task A_dropped_change_is_gone_from_the_list_and_the_target_is_as_it_was()
    {
        await PutAsideAsync();
        var id = Assert.Single(await QuarantineAsync())!["id"]!.ToString();

        Assert.Equal(
            (0, "1 dropped.", ""), Trimmed(await RunAsync("quarantine", "drop", "--target", Analytics.ConnectionString, "--id", id)));

        Assert.Equal(
            (0, $"The quarantine of {AnalyticsName} is empty.", ""),
            Trimmed(await RunAsync("quarantine", "list", "--target", Analytics.ConnectionString)));
        Assert.Equal(17, await Analytics.ScalarAsync<int>("SELECT balance::integer FROM analytics.accounts WHERE id = 17"));
        Assert.Equal(2, (await RunAsync("quarantine", "drop", "--target", Analytics.ConnectionString, "--id", id)).ExitCode);
    }

    [Fact]
    public async Task A_table_that_cannot_be_used_does_not_stop_the_changes_of_the_others()
    {
        await PutAsideAsync();
        await Analytics.ExecuteAsync("ALTER TABLE analytics.entries ADD CONSTRAINT poor CHECK (amount < 1000000)");
        await Source.ExecuteAsync("UPDATE entries SET amount = 2000000 WHERE account = 17");
        await ArriveAsync();
        await Analytics.ExecuteAsync(
            "ALTER TABLE analytics.entries DROP CONSTRAINT poor; CREATE UNIQUE INDEX other ON analytics.accounts (note)");
        await AlsoDefineAsync("""{"schema":"public","name":"wrong","target":"wrong"}""");

        var (exitCode, output, errors) = Trimmed(await RunAsync(Retry()));

        Assert.Equal((1, "1 applied or outdated, 0 still open."), (exitCode, output));
        Assert.Contains("public.wrong has the target 'wrong', which is not a table name", errors, StringComparison.Ordinal);
        Assert.Contains("analytics.accounts cannot be a target while it has the unique index other", errors, StringComparison.Ordinal);
        Assert.Equal(
            "analytics.accounts", Assert.Single(await QuarantineAsync())!["target"]!.GetValue<string>());
    }

    [Fact]
    public async Task Numbers_that_are_not_open_or_of_other_tables_are_refused_before_anything_is_done()
    {
        await PutAsideAsync();
        await Analytics.ExecuteAsync("ALTER TABLE analytics.accounts DROP CONSTRAINT poor");
        var id = Assert.Single(await QuarantineAsync())!["id"]!.GetValue<long>();
        var (known, unknown) = (id.ToString(CultureInfo.InvariantCulture), (id + 1).ToString(CultureInfo.InvariantCulture));

        var drop = await RunAsync("quarantine", "drop", "--target", Analytics.ConnectionString, "--id", known, unknown);
        var retry = await RunAsync(Retry("--id", known, unknown));
        await RedefineAsync("accounts", table => table["target"] = "analytics.others");
        var foreign = await RunAsync(Retry("--id", known));

        Assert.All(
            [drop, retry],
            result => Assert.Equal((2, "", $"The quarantine has no open change {unknown}: look at quarantine list."), Trimmed(result)));
        await AlsoDefineAsync("""{"schema":"public","name":"wrong","target":"analytics.wrong","key":[]}""");
        var wrong = await RunAsync(Retry("--id", known));
        Assert.Equal((2, "", $"Change {known} is one of analytics.accounts, which {Definitions} does not define."), Trimmed(foreign));
        Assert.Equal(
            (2, "", $"Change {known} is one of analytics.accounts, of which {Definitions} has no definition that can be used. "
                + $"{Definitions}[2]: public.wrong has an empty key; leave it out to use the primary key."),
            Trimmed(wrong));
        Assert.Single(await QuarantineAsync());
        Assert.Null(await Analytics.ScalarAsync<string>("SELECT to_regclass('analytics.others')::text"));
    }

    [Theory]
    [InlineData("quarantine")]
    [InlineData("quarantine", "drop", "--target", "Host=127.0.0.1")]
    [InlineData("quarantine", "drop", "--target", "Host=127.0.0.1", "--id")]
    [InlineData("quarantine", "drop", "--target", "Host=127.0.0.1", "--id", "1; DROP TABLE cdc.quarantine")]
    [InlineData("quarantine", "retry", "--target", "Host=127.0.0.1")]
    [InlineData("quarantine", "retry", "--target", "Host=127.0.0.1", "--tables", "no-such-file")]
    public async Task A_wrong_command_line_is_exit_code_2(params string[] arguments)
    {
        var (exitCode, output, errors) = await RunAsync(arguments);

        Assert.Equal(2, exitCode);
        Assert.DoesNotContain("dropped", output, StringComparison.Ordinal);
        Assert.NotEqual("", errors);
    }

    [Fact]
    public async Task Hostile_names_and_values_are_data()
    {
        const string Hostile = "analytics.\"[red]\"\"; DROP SCHEMA cdc CASCADE; --\"";
        await RedefineAsync("accounts", table => table["target"] = JsonValue.Create(Hostile));
        await ArriveAsync();
        await Analytics.ExecuteAsync(
            "ALTER TABLE analytics.\"[red]\"\"; DROP SCHEMA cdc CASCADE; --\" ADD CONSTRAINT poor CHECK (balance < 1000000)");
        await Source.ExecuteAsync("UPDATE accounts SET balance = 2000000, note = '''; DROP SCHEMA cdc CASCADE; --' WHERE id = 17");
        await ArriveAsync();

        Assert.Contains(
            Hostile,
            (await RunAsync("quarantine", "list", "--target", Analytics.ConnectionString)).Output,
            StringComparison.Ordinal);
        Assert.Equal("'; DROP SCHEMA cdc CASCADE; --", Assert.Single(await QuarantineAsync())!["change"]!["note"]!.GetValue<string>());
        await Analytics.ExecuteAsync("ALTER TABLE analytics.\"[red]\"\"; DROP SCHEMA cdc CASCADE; --\" DROP CONSTRAINT poor");
        Assert.Equal((0, "1 applied or outdated, 0 still open.", ""), Trimmed(await RunAsync(Retry())));
        await ArrivesIdenticalAsync();
    }

    private async Task PutAsideAsync()
    {
        await ArriveAsync();
        await CaptureRefusedAccountAsync();
        await MergeAsync();
    }

    private string[] Retry(params string[] more) =>
        ["quarantine", "retry", "--target", Analytics.ConnectionString, "--tables", Definitions, .. more];

    private static (int, string, string) Trimmed((int ExitCode, string Output, string Errors) result) =>
        (result.ExitCode, result.Output.TrimEnd(), result.Errors.TrimEnd());
}
