using System.Globalization;
using System.Text.Json.Nodes;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>Where tables stand, and how a parked one goes on.</summary>
public sealed class StatusTests(TestServers servers) : AsideFixture(servers)
{
    private const string Hostile = "analytics.\"x\"\"; DROP SCHEMA cdc CASCADE; --\"";

    [Fact]
    public async Task A_database_without_tables_is_told_as_such_and_left_alone()
    {
        var (exitCode, output, errors) = await RunAsync("status", "--target", Analytics.ConnectionString);

        Assert.Equal(
            (0, $"Nothing was merged into {AnalyticsName} yet: if something was, correct --target; merge fills it.", ""),
            (exitCode, output.TrimEnd(), errors));
        Assert.Equal("""{"tables":[]}""", (await JsonAsync("status", "--target", Analytics.ConnectionString)).Report.ToJsonString());
        Assert.Empty(await QuarantineAsync());
        Assert.Equal(0, await Analytics.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 'cdc'"));
    }

    [Fact]
    public async Task A_merged_table_replicates()
    {
        await ArriveAsync();

        var status = await StatusAsync();

        Assert.Equal("replicating", status["state"]!.GetValue<string>());
        Assert.Null(status["parkedCause"]);
        Assert.Equal(
            (0, 0),
            (status["quarantined"]!.GetValue<int>(), status["rejectedFiles"]!.AsArray().Count));
        Assert.Equal(
            ["generationBegan 1", "loaded 1"],
            status["unproven"]!.AsArray().Select(unproven => $"{unproven!["cause"]} {unproven["subject"]}").Order());
        Assert.All(
            (JsonNode[])[status["lastBatch"]!["committedUtc"]!, status["drainedUtc"]!],
            time => Assert.InRange(time.GetValue<DateTime>(), DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow.AddMinutes(5)));
    }

    [Fact]
    public async Task The_last_batch_is_shown_with_its_changes_seconds_phases_and_ways()
    {
        await ArriveAsync();
        await Analytics.ExecuteAsync(
            """
            UPDATE cdc.batches SET attempts = 2, ways = '{straight,staged}',
                phases = '{"listSeconds": 0.05, "copySeconds": 1.25, "mergeSeconds": 0.5}'
            WHERE table_id = (SELECT id FROM cdc.tables WHERE target_name = 'accounts')
            """);

        var batch = (await StatusAsync())["lastBatch"]!;
        var (_, output, _) = await RunAsync("status", "--target", Analytics.ConnectionString);

        Assert.Equal(
            (3000, 3000, 1.8),
            (batch["rows"]!["read"]!.GetValue<int>(), batch["rows"]!["inserted"]!.GetValue<int>(), batch["seconds"]!.GetValue<double>()));
        Assert.Equal(
            """
            {"attempts":2,"ways":["straight","staged"],"phases":{"listSeconds":0.05,"fetchSeconds":0,"prepareSeconds":0,"reduceSeconds":0,
            "copySeconds":1.25,"mergeSeconds":0.5}}
            """.ReplaceLineEndings(""),
            batch["course"]!.ToJsonString());
        Assert.Matches(
            @"\| analytics\.accounts .*[0-9:]+ \| +3,000 in 1\.8 s \(copy 1\.3, merge 0\.5; straight, staged\) \|", output);
        Assert.Matches(@"\| analytics\.entries .*[0-9:]+ \| +3,000 in [0-9.]+ s \(.*; straight\) \|", output);
    }

    [Fact]
    public async Task How_fresh_a_table_is_known_to_be_is_shown_as_a_time_and_an_age()
    {
        await ArriveAsync();
        Assert.Null((await StatusAsync())["freshUntilUtc"]);
        var committed = await Analytics.ScalarAsync<DateTime>(
            """
            UPDATE cdc.tables SET listed_until = now();
            INSERT INTO cdc.markers (
                lake, generation, id, number, lowest_version, highest_version, committed_at, stored_at, interval_seconds)
            SELECT (SELECT max(lake) FROM cdc.tables), 1, gen_random_uuid(), n, n, n, at, at, 60
            FROM (VALUES (1, now() - interval '3 hours'), (2, now() - interval '2 hours')) marker (n, at)
            RETURNING committed_at
            """);

        var status = await StatusAsync();
        var (_, output, _) = await RunAsync("status", "--target", Analytics.ConnectionString);

        Assert.Equal(committed, status["freshUntilUtc"]!.GetValue<DateTime>());
        Assert.InRange(status["freshnessSeconds"]!.GetValue<long>(), 3 * 3600, 3 * 3600 + 300);
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"| {committed:yyyy-MM-dd HH:mm:ss}, 3 h ago |"), output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_put_aside_and_what_is_missing_is_shown()
    {
        await ArriveAsync();
        await RedefineAsync("accounts", table => table["newColumns"] = "add");
        await Source.ExecuteAsync("ALTER TABLE accounts ADD grade integer DEFAULT 5");
        await CaptureRefusedAccountAsync();
        var key = (await PutUnreadableAsync(1))[0];
        await MergeAsync();

        var status = await StatusAsync();
        var (exitCode, output, errors) = await RunAsync("status", "--target", Analytics.ConnectionString);

        Assert.Equal(1, status["quarantined"]!.GetValue<int>());
        Assert.Equal(key, Assert.Single(status["rejectedFiles"]!.AsArray())!["key"]!.GetValue<string>());
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Matches(
            @"\| analytics\.accounts +\| +replicating \| +[0-9-]+ [0-9:]+ \| [^|]+ \| +[0-9-]+ [0-9:]+ \| +– \| +1 \| +1 \| +no \|",
            output);
        Assert.Matches(@"analytics\.accounts is unproven: .*; the column grade was added at [0-9-]+ [0-9:]+\.", output);
        Assert.Contains($"analytics.accounts: {key} was rejected: it cannot be read", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_a_file_was_rejected_is_shown_without_values_which_json_has()
    {
        await ArriveAsync();
        var keys = await PutUnreadableAsync(2);
        await MergeAsync();
        await Analytics.ExecuteAsync(
            "UPDATE cdc.rejected_files SET reason = 'it cannot be read (Could not convert \"secret\")', "
            + $"told = CASE key WHEN '{keys[0]}' THEN 'it cannot be read (Conversion)' END");

        var reasons = (await StatusAsync())["rejectedFiles"]!.AsArray().Select(file => file!["reason"]!.GetValue<string>());
        var (_, output, _) = await RunAsync("status", "--target", Analytics.ConnectionString);

        Assert.All(reasons, reason => Assert.Contains("secret", reason, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", output, StringComparison.Ordinal);
        Assert.Contains($"{keys[0]} was rejected: it cannot be read (Conversion)", output, StringComparison.Ordinal);
        // Of an older version's file the ledger has no words without values.
        Assert.Contains($"{keys[1]} was rejected: --json shows why: it may hold values", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_parked_table_tells_its_cause()
    {
        await ArriveAsync();
        await PutUnreadableAsync(11);
        Assert.Equal(1, (await RunAsync(Merge)).ExitCode);

        var status = await StatusAsync();
        var (_, output, _) = await RunAsync("status", "--target", Analytics.ConnectionString);

        Assert.Equal("parked", status["state"]!.GetValue<string>());
        Assert.Contains("more than 10 files are rejected", status["parkedCause"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains($"analytics.accounts is parked: {status["parkedCause"]}", output, StringComparison.Ordinal);
        Assert.Equal("replicating", (await StatusAsync("analytics.entries"))["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task Resume_of_a_table_that_is_not_there_is_refused_and_changes_nothing()
    {
        await ArriveAsync();
        await PutUnreadableAsync(1);
        await MergeAsync();

        foreach (var (table, sentence) in new (string, string)[]
        {
            ("public.accounts",
                "Nothing was ever merged into public.accounts; the ledger has analytics.accounts, analytics.entries. A table is resumed by "
                + "its target's name, not by the source's: if it is the one that is meant, write analytics.accounts."),
            ("analytics.accuonts",
                "Nothing was ever merged into analytics.accuonts; the ledger has analytics.accounts, analytics.entries."),
            ("accounts", "'accounts' is not a table name: write it as schema.name."),
            ("analytics.x'; DROP SCHEMA cdc CASCADE; --",
                "Nothing was ever merged into analytics.x'; DROP SCHEMA cdc CASCADE; --; the ledger has"),
            (Hostile, "Nothing was ever merged into " + Hostile),
        })
        {
            var (exitCode, output, errors) = await RunAsync("resume", "--target", Analytics.ConnectionString, "--table", table);

            Assert.Equal((2, ""), (exitCode, output));
            Assert.StartsWith(sentence, errors, StringComparison.Ordinal);
        }

        Assert.Equal(2, await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.tables"));
        Assert.Single((await StatusAsync())["rejectedFiles"]!.AsArray());
    }

    [Fact]
    public async Task A_table_with_a_hostile_name_is_parked_shown_and_resumed_like_any_other()
    {
        await RedefineAsync("accounts", table => table["target"] = JsonValue.Create(Hostile));
        await ArriveAsync();
        await PutUnreadableAsync(11);
        Assert.Equal(1, (await RunAsync(Merge)).ExitCode);
        Assert.Equal("parked", (await StatusAsync(Hostile))["state"]!.GetValue<string>());

        var (exitCode, output, errors) = await RunAsync("resume", "--target", Analytics.ConnectionString, "--table", Hostile);

        Assert.Equal(
            (0, $"The next merge goes on with {Hostile}, which is unproven until a full proof; after the merge, look at status.", ""),
            (exitCode, output.TrimEnd(), errors));
        var status = await StatusAsync(Hostile);
        Assert.Equal(("replicating", 0), (status["state"]!.GetValue<string>(), status["rejectedFiles"]!.AsArray().Count));
        foreach (var (more, does) in new[] { ("", "nothing was done."), ("--sweep", "the next merge looks through all of its folders, ") })
        {
            string[] resume = ["resume", "--target", Analytics.ConnectionString, "--table", Hostile];
            var again = await RunAsync(more.Length == 0 ? resume : [.. resume, more]);

            Assert.Equal((0, ""), (again.ExitCode, again.Errors));
            Assert.StartsWith($"{Hostile} is not parked; {does}", again.Output, StringComparison.Ordinal);
        }

        Assert.Equal(status["unproven"]!.ToJsonString(), (await StatusAsync(Hostile))["unproven"]!.ToJsonString());
    }

    [Fact]
    public async Task Source_lake_and_analytics_are_shown_side_by_side_also_when_one_table_cannot_be_read()
    {
        await ArriveAsync();
        await Source.ExecuteAsync("DELETE FROM accounts WHERE id <= 10");
        await CaptureAsync();
        await RedefineAsync("entries", table => table["name"] = "gone");
        await AlsoDefineAsync("""{"schema": "public", "name": "bad", "target": "bad"}""");
        string[] status =
        [
            "status", "--target", Analytics.ConnectionString, "--tables", Definitions, "--source", Source.ConnectionString,
            .. CommandLine.Lake(Servers, Lake),
        ];

        var (exitCode, report, errors) = await JsonAsync(status);
        var (_, output, _) = await RunAsync(status);

        Assert.Equal(1, exitCode);
        Assert.Contains("The source database has no table public.gone; correct the definition.", errors, StringComparison.Ordinal);
        Assert.Contains("bad", errors, StringComparison.Ordinal);
        var tables = report["tables"]!.AsArray();
        Assert.Equal(
            ["public.accounts", "public.bad", "public.gone"], tables.Select(table => table!["table"]!.GetValue<string>()).Order());
        var accounts = tables.Single(table => table!["table"]!.GetValue<string>() == "public.accounts")!;
        Assert.Equal(
            (2990, 2990, 3000, 1),
            (accounts["source"]!["rows"]!.GetValue<int>(), accounts["lake"]!["rows"]!.GetValue<int>(),
                accounts["analytics"]!["rows"]!.GetValue<int>(), accounts["lake"]!["waitingFiles"]!.GetValue<int>()));
        Assert.Empty(accounts["failures"]!.AsArray());
        Assert.Matches(@"\|   source +\| +2,990 \|", output);
        Assert.Matches(@"\|   analytics +\| +3,000 \| +[0-9:]+ \| +– \| +1 file, [0-9]+ s \| [0-9:]+ \|", output);
    }

    [Fact]
    public async Task A_wrong_command_line_is_exit_code_2_and_a_server_that_is_down_1()
    {
        Assert.Equal(2, (await RunAsync("status")).ExitCode);
        Assert.Equal(2, (await RunAsync("resume", "--target", Analytics.ConnectionString)).ExitCode);
        var (exitCode, output, errors) = await RunAsync(
            "status", "--target", "Host=127.0.0.1;Port=1;Username=nobody;Database=none", "--json");
        Assert.Equal(1, exitCode);
        Assert.Contains("127.0.0.1:1", errors, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", JsonNode.Parse(output)!["failure"]!.GetValue<string>(), StringComparison.Ordinal);
    }
}
