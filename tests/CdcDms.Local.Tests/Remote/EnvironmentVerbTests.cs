using System.Text.Json.Nodes;
using Amazon.S3.Model;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Remote;

/// <summary>Verbs by the name of an environment, through its function.</summary>
public sealed class EnvironmentVerbTests(TestServers servers) : OperatedFixture(servers)
{
    [Fact]
    public async Task Status_and_the_quarantine_are_what_they_are_by_connection_strings()
    {
        await PrepareAsync();
        await PutAsideAsync();
        await using var host = await HostAsync();

        foreach (var verb in (string[][])[["status"], ["quarantine", "list"]])
        {
            var here = await RunAsync([.. verb, "--target", Analytics.ConnectionString]);
            var there = await OperateAsync(host.Endpoint, [.. verb, "--env", "dev"]);
            var hereJson = await RunAsync([.. verb, "--target", Analytics.ConnectionString, "--json"]);
            var thereJson = await OperateAsync(host.Endpoint, [.. verb, "--env", "dev", "--json"]);

            Assert.Equal((0, here.Output, ""), (there.ExitCode, there.Output, there.Errors));
            Assert.Equal(Timeless(hereJson.Output), Timeless(thereJson.Output));
        }

        Assert.DoesNotContain(Log, line => line.Contains("CANARY", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_places_of_the_environment_s_tables_are_those_by_connection_strings()
    {
        await PrepareAsync();
        await ArriveAsync();
        await using var host = await HostAsync();

        var here = await JsonAsync(
            "status", "--target", Analytics.ConnectionString, "--lake", Lake.ToString(), "--s3-endpoint",
            Servers.S3Server.Endpoint.ToString(), "--tables", Definitions, "--source", Source.ConnectionString);
        var there = await OperateAsync(host.Endpoint, "status", "--env", "dev", "--lake", "--json");

        Assert.Equal((0, ""), (there.ExitCode, there.Errors));
        Assert.Equal(Timeless(here.Report.ToJsonString()), Timeless(there.Output));
        Assert.Contains("\"rows\":100", there.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_resume_and_drop_do_what_they_do_by_connection_strings()
    {
        await PrepareAsync();
        await PutAsideAsync();
        await using var host = await HostAsync();

        var early = await OperateAsync(host.Endpoint, "quarantine", "retry", "--env", "dev");
        var unknown = await OperateAsync(host.Endpoint, "quarantine", "drop", "--env", "dev", "--id", "999");
        await Analytics.ExecuteAsync("ALTER TABLE analytics.orders DROP CONSTRAINT poor");
        var cured = await OperateAsync(host.Endpoint, "quarantine", "retry", "--env", "dev");
        var resumed = await OperateAsync(host.Endpoint, "resume", "--env", "dev", "--table", "analytics.orders");
        var swept = await OperateAsync(host.Endpoint, "resume", "--env", "dev", "--table", "analytics.orders", "--sweep");

        Assert.Equal((1, "0 applied or outdated, 1 still open."), (early.ExitCode, early.Output.Trim()));
        Assert.Equal(
            (2, "The quarantine has no open change 999: look at quarantine list."), (unknown.ExitCode, unknown.Errors.Trim()));
        Assert.Equal((0, "1 applied or outdated, 0 still open."), (cured.ExitCode, cured.Output.Trim()));
        Assert.Equal((0, "analytics.orders is not parked; nothing was done."), (resumed.ExitCode, resumed.Output.Trim()));
        Assert.StartsWith("analytics.orders is not parked; the next merge looks through all", swept.Output, StringComparison.Ordinal);
        await AssertIdenticalAsync();
    }

    [Fact]
    public async Task Preflight_finds_what_it_finds_by_connection_strings()
    {
        await PrepareAsync();
        await ArriveAsync();
        await using var host = await HostAsync();

        var here = await RunAsync(
            "preflight", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions);
        var there = await OperateAsync(host.Endpoint, "preflight", "--env", "dev");
        var script = await OperateAsync(host.Endpoint, "preflight", "--env", "dev", "--fix-sql");

        Assert.Equal((here.ExitCode, here.Output, here.Errors), (there.ExitCode, there.Output, there.Errors));
        Assert.Contains("ALTER", script.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_definitions_of_the_deployment_count_and_those_of_the_checkout_are_told_where_they_differ()
    {
        await PrepareAsync();
        var deployed = JsonNode.Parse(await File.ReadAllTextAsync(Definitions))!.AsArray();
        deployed.RemoveAt(0);
        deployed[0]!["tombstoneRetentionDays"] = 60;
        await File.WriteAllTextAsync(Definitions, deployed.ToJsonString());
        await ArriveAsync();
        await using var host = await HostAsync();

        var places = await OperateAsync(host.Endpoint, "status", "--env", "dev", "--lake", "--json");
        var unknown = await OperateAsync(host.Endpoint, "repair", "--env", "dev", "--table", "public.customers", "--all");

        Assert.Equal(
            ["public.orders"], JsonNode.Parse(places.Output)!["tables"]!.AsArray().Select(table => table!["table"]!.GetValue<string>()));
        Assert.Equal(
            "dev.json defines public.customers, public.orders otherwise than dev as deployed, which counts here: where this checkout is "
            + "right, deploy first.",
            places.Errors.Trim());
        Assert.Equal(
            (2, "dev.json defines public.customers otherwise than dev as deployed, which counts here: where this checkout is right, deploy "
                + "first.\ndev as deployed does not define the source table public.customers; it has public.orders."),
            (unknown.ExitCode, unknown.Errors.Trim().ReplaceLineEndings("\n")));
    }

    [Fact]
    public async Task A_report_that_is_larger_than_an_answer_comes_through_the_lake_s_bucket_and_is_no_file_of_a_table()
    {
        await PrepareAsync();
        await PutAsideAsync();
        await using var host = await HostAsync(("CDCDMS_MOST_ANSWER_BYTES", "100"));

        var here = await RunAsync("quarantine", "list", "--target", Analytics.ConnectionString, "--json");
        var there = await OperateAsync(host.Endpoint, "quarantine", "list", "--env", "dev", "--json");

        Assert.Equal((0, here.Output, ""), (there.ExitCode, there.Output, there.Errors));
        var stored = await Servers.S3.ListObjectsV2Async(new ListObjectsV2Request
        {
            BucketName = Lake.Bucket,
            Prefix = $"{Lake.Prefix}/_cdcdms/answers/",
        });
        Assert.Single(stored.S3Objects);
        var status = await OperateAsync(host.Endpoint, "status", "--env", "dev", "--lake", "--json");
        Assert.All(
            JsonNode.Parse(status.Output)!["tables"]!.AsArray(),
            table => Assert.Equal((0, 100), (table!["lake"]!["waitingFiles"]!.GetValue<int>(), table["lake"]!["rows"]!.GetValue<int>())));
    }

    // What was read at another moment is read at another time.
    private static string Timeless(string json)
    {
        var report = JsonNode.Parse(json)!;
        foreach (var table in report["tables"]?.AsArray() ?? [])
        {
            table!.AsObject().Remove("freshnessSeconds");
            foreach (var place in (string[])["source", "lake", "analytics"])
                (table[place] as JsonObject)?.Remove("readUtc");
        }

        return report.ToJsonString();
    }
}
