using System.Text.Json.Nodes;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Markers;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Remote;

/// <summary>Proofs and repairs by the name of an environment, judged by merges of its own.</summary>
public sealed class RepairTests(TestServers servers) : OperatedFixture(servers)
{
    [Fact]
    public async Task Keys_are_repaired_as_by_connection_strings_while_the_merges_are_the_environment_s()
    {
        await PrepareAsync();
        await ArriveAsync();
        await DamageAsync();
        await using var host = await HostAsync();

        var report = await WhileItRunsAsync(host.Endpoint, "repair", "--env", "dev", "--table", "public.orders", "--keys", "[7, 8, 9]");

        Assert.Equal((1, 1, 2), (Number(report, "missing"), Number(report, "changed"), Number(report, "repaired")));
        Assert.Equal("Different", report["outcome"]!.ToString(), ignoreCase: true);
        await AssertIdenticalAsync();
    }

    [Fact]
    public async Task A_whole_table_is_compared_and_what_differs_is_proven_without_a_repair()
    {
        await PrepareAsync();
        await ArriveAsync();
        await DamageAsync();
        await using var host = await HostAsync();

        var asked = await OperateAsync(host.Endpoint, "validate", "--env", "dev", "--json");
        var report = JsonNode.Parse(asked.Output)!["tables"]!.AsArray()
            .Single(table => table!["table"]!.GetValue<string>() == "public.orders")!;

        Assert.Equal((100, 99, 2), (Number(report, "sourceRows"), Number(report, "targetRows"), Number(report, "pending")));
        var all = await WhileItRunsAsync(host.Endpoint, "repair", "--env", "dev", "--table", "public.orders", "--all");
        Assert.Equal((100, 2), (Number(all, "sourceRows"), Number(all, "repaired")));
        await AssertIdenticalAsync();
    }

    private Task DamageAsync() => Analytics.ExecuteAsync(
        "DELETE FROM analytics.orders WHERE id = 7; UPDATE analytics.orders SET status = 'wrong' WHERE id = 8");

    private static int Number(JsonNode report, string property) => report[property]!.GetValue<int>();

    /// <summary>Runs a verb while the task, the markers and the merges of the environment do, and gives its report of the table.</summary>
    private async Task<JsonNode> WhileItRunsAsync(Uri lambda, params string[] arguments)
    {
        using var command = StartOperating(lambda, [.. arguments, "--json"]);
        var ended = command.EndAsync();
        while (!ended.IsCompleted)
        {
            await MarkerWriter.WriteOneAsync(Source.ConnectionString, 1, CancellationToken.None);
            await CaptureAsync();
            await new MarkerJob(new LakeReader(Servers.S3, Lake), Analytics.ConnectionString).MergeAsync(CancellationToken.None);
            await MergeAsync();
        }

        var (exitCode, output, errors) = await ended;
        Assert.True(exitCode == 0, output + errors);
        return JsonNode.Parse(output)!["tables"]![0]!;
    }
}
