using System.Text.Json.Nodes;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>What merge tells, and what one bad table means for the others.</summary>
public sealed class MergeTests(TestServers servers) : AsideFixture(servers)
{
    [Fact]
    public async Task Nothing_put_aside_is_nothing_said()
    {
        await CaptureAsync();

        var (exitCode, report, errors) = await JsonAsync(Merge);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.All(
            report["tables"]!.AsArray(), table => Assert.Equal((0, null), (table!["filesRejected"]!.GetValue<int>(), table["failure"])));
    }

    [Fact]
    public async Task What_is_put_aside_is_counted_and_a_sentence_says_where_to_look()
    {
        await ArriveAsync();
        await CaptureRefusedAccountAsync();
        await PutUnreadableAsync(2);

        var (exitCode, report, errors) = await JsonAsync(Merge);

        var accounts = report["tables"]![0]!;
        Assert.Equal(
            (0, "2 files were rejected (look at status) and 1 row was put into the quarantine (look at quarantine list)."),
            (exitCode, errors.TrimEnd()));
        Assert.Equal((2, 1, 1), (
            accounts["filesRejected"]!.GetValue<int>(),
            accounts["rows"]!["updated"]!.GetValue<int>(),
            accounts["rows"]!["quarantined"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Each_table_tells_where_its_time_went_also_when_it_failed()
    {
        await CaptureAsync();
        await Analytics.ExecuteAsync("CREATE SCHEMA analytics; CREATE TABLE analytics.accounts (id integer)");

        var (_, report, _) = await JsonAsync(Merge);

        var (failed, merged) = (report["tables"]![0]!, report["tables"]![1]!);
        Assert.NotNull(failed["failure"]);
        Assert.True(Seconds(failed, "prepare") > 0);
        Assert.Equal(0, Seconds(failed, "copy"));
        Assert.All((string[])["list", "fetch", "prepare", "reduce", "copy", "merge"], phase => Assert.True(Seconds(merged, phase) > 0));

        static double Seconds(JsonNode table, string phase) => table["phases"]![$"{phase}Seconds"]!.GetValue<double>();
    }

    [Fact]
    public async Task Without_json_the_same_is_a_table()
    {
        await ArriveAsync();
        await PutUnreadableAsync(1);

        var (exitCode, output, errors) = await RunAsync(Merge);

        Assert.Equal((0, "1 file was rejected (look at status)."), (exitCode, errors.TrimEnd()));
        Assert.Contains("| rejected files |", output, StringComparison.Ordinal);
        Assert.Matches(@"\| public\.accounts +\| +0 \| +1 \|", output);
    }

    [Fact]
    public async Task Markers_that_cannot_be_merged_are_told_beside_the_tables()
    {
        await ArriveAsync();
        await MarkAsync(1);
        Assert.Equal(0, (await RunAsync(Merge)).ExitCode);
        await Analytics.ExecuteAsync("ALTER TABLE cdc.markers ADD CHECK (number < 2)");
        await MarkAsync(2);

        var (exitCode, report, errors) = await JsonAsync(Merge);

        Assert.Equal((1, errors.TrimEnd()), (exitCode, report["markersFailure"]!.GetValue<string>()));
        Assert.All(report["tables"]!.AsArray(), table => Assert.Null(table!["failure"]));

        async Task MarkAsync(int number)
        {
            await Source.ExecuteAsync($"INSERT INTO cdcdms.marker (number, interval_seconds) VALUES ({number}, 60)");
            await CaptureAsync();
        }
    }

    [Fact]
    public async Task A_parked_table_does_not_stop_the_others_until_it_is_resumed()
    {
        await ArriveAsync();
        var unreadable = await PutUnreadableAsync(11);
        await Source.ExecuteAsync("UPDATE accounts SET note = 'new' WHERE id = 17; UPDATE entries SET amount = 0 WHERE account = 17");
        await CaptureAsync();

        var (exitCode, report, errors) = await JsonAsync(Merge);

        Assert.Equal(1, exitCode);
        Assert.Contains("public.accounts cannot be merged: more than 10 files are rejected", errors, StringComparison.Ordinal);
        Assert.Equal(errors.TrimEnd(), report["tables"]![0]!["failure"]!.GetValue<string>());
        Assert.Equal((null, 1), (report["tables"]![1]!["failure"], report["tables"]![1]!["rows"]!["updated"]!.GetValue<int>()));
        Assert.Contains("public.accounts is parked", (await RunAsync(Merge)).Errors, StringComparison.Ordinal);

        foreach (var key in unreadable)
            await Servers.S3.DeleteObjectAsync(Lake.Bucket, key);
        Assert.Equal(0, (await RunAsync("resume", "--target", Analytics.ConnectionString, "--table", "analytics.accounts")).ExitCode);
        await ArrivesIdenticalAsync();
    }

    [Fact]
    public async Task A_bad_definition_does_not_stop_the_others()
    {
        await CaptureAsync();
        await AlsoDefineAsync("""{"schema":"public","name":"wrong","target":"analytics.wrong","key":[]}""", "17");

        var (exitCode, report, errors) = await JsonAsync(Merge);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            $"{Definitions}[2]: public.wrong has an empty key; leave it out to use the primary key.\n"
                + $"{Definitions}[3]: must be an object.",
            errors.TrimEnd().ReplaceLineEndings("\n"));
        Assert.Equal(["public.wrong", "[3]", "public.accounts", "public.entries"], report["tables"]!.AsArray().Select(Name));
        Assert.Equal([0, 0, 3000, 3000], report["tables"]!.AsArray().Select(table => table!["rows"]!["inserted"]!.GetValue<int>()));

        static string Name(JsonNode? table) => table!["table"]!.GetValue<string>();
    }

    [Fact]
    public async Task Every_failure_is_told_and_equal_ones_once()
    {
        await CaptureAsync();
        await Analytics.ExecuteAsync(
            "CREATE SCHEMA analytics; CREATE TABLE analytics.accounts (id integer); CREATE TABLE analytics.entries (account integer)");

        var (exitCode, output, errors) = await RunAsync(Merge);
        const string nowhere = "Host=127.0.0.1;Port=1;Username=nobody;Database=none";
        var down = await RunAsync(["merge", "--target", nowhere, "--tables", Definitions, .. CommandLine.Lake(Servers, Lake)]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Collection(
            errors.TrimEnd().Split('\n'),
            failure => Assert.Contains("analytics.accounts", failure, StringComparison.Ordinal),
            failure => Assert.Contains("analytics.entries", failure, StringComparison.Ordinal));
        Assert.Equal((1, "", 1), (down.ExitCode, down.Output, down.Errors.TrimEnd().Split('\n').Length));
    }
}
