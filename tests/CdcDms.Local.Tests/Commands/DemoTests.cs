using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Local.Tests.ConsoleServer;

namespace CdcDms.Local.Tests.Commands;

/// <summary>The verbs that run a whole pipeline, as processes; a console shows what they do.</summary>
public sealed class DemoTests
{
    private const string ConsoleLine = "# console: ";

    [Fact]
    public async Task The_demo_ends_identical_and_accounts_for_every_row()
    {
        using var demo = RunningVerb.Start("demo", "--rows", "2000", "--seconds", "4", "--json", "--keep");
        using var browser = await OpenAsync(await RunningVerb.ReadToAsync(demo.Errors, ConsoleLine));

        var errors = RunningVerb.ReadToAsync(demo.Errors, "# Ctrl-C");
        var output = (await RunningVerb.ReadToAsync(demo.Output, "{")).Single();
        await errors;

        using var report = JsonDocument.Parse(output);
        AssertAccountedFor(report, output);
        var workflow = await AskAsync(browser, "api/workflow");
        Assert.All(workflow["executions"]!.AsArray(), one => Assert.Equal("succeeded", one!["outcome"]!.GetValue<string>()));
        Assert.Contains("cdcdms-dev-batch", workflow["machines"]!.AsArray().Select(machine => machine!["name"]!.GetValue<string>()));
        var health = await AskAsync(browser, "api/health");
        Assert.Equal(4, health["tables"]!.AsArray().Count);
        Assert.Equal(0, health["counts"]!["filesWaiting"]!.GetValue<int>());
        Assert.Empty(health["findings"]!.AsArray());
        Assert.Equal(0, await demo.InterruptAsync());
    }

    [Fact]
    public async Task Up_prints_the_address_of_a_console_before_anything_flows()
    {
        using var up = RunningVerb.Start("up", "--rows", "100");

        using var browser = await OpenAsync(await RunningVerb.ReadToAsync(up.Output, ConsoleLine));
        var tables = await AskAsync(browser, "api/tables");

        Assert.Equal((true, true), (tables["hasHealth"]!.GetValue<bool>(), tables["hasWorkflow"]!.GetValue<bool>()));
        Assert.Equal(0, await up.InterruptAsync());
    }

    // The printed address lets a browser in.
    private static async Task<HttpClient> OpenAsync(List<string> lines)
    {
        var address = new Uri(lines[^1][ConsoleLine.Length..].Trim().Split(' ')[0]);
        var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = address };
        using var page = await browser.GetAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        return browser;
    }

    private static async Task<JsonObject> AskAsync(HttpClient browser, string path)
    {
        var (status, answer) = await ConsoleFixture.AskAsync(browser, path);
        Assert.Equal(200, status);
        return answer;
    }

    private static void AssertAccountedFor(JsonDocument report, string output)
    {
        long Count(string name) => report.RootElement.GetProperty(name).GetInt64();
        Assert.True(report.RootElement.GetProperty("identical").GetBoolean());
        Assert.Equal(["public.customers", "public.order_items", "public.orders", "public.products"],
            report.RootElement.GetProperty("tables").EnumerateArray().Select(table => table.GetProperty("name").GetString()));
        Assert.Equal(0, Count("keysDifferent"));
        Assert.True(Count("changesCaptured") > 100, output);
        Assert.True(Count("proofsJudged") > 0, output);
        Assert.Equal(Count("snapshotRows") + Count("changesCaptured"), Count("rowsRead") + Count("markers"));
        Assert.InRange(Count("markers"), 1, 1000);
        Assert.True(
            Count("inserted") + Count("updated") + Count("deleted") + Count("superseded") + Count("stale") <= Count("rowsRead"), output);
        Assert.All(["inserted", "updated", "deleted", "superseded"], name => Assert.True(Count(name) > 0, output));
    }
}
