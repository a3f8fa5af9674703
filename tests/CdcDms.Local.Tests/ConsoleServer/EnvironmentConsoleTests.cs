using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CdcDms.Local.Tests.Remote;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>The console of an environment on AWS: through its function.</summary>
public sealed class EnvironmentConsoleTests(TestServers servers) : OperatedFixture(servers)
{
    [Fact]
    public async Task Tables_of_an_environment_are_shown_and_cured_through_its_function_and_no_value_is_logged()
    {
        await PrepareAsync();
        await PutAsideAsync();
        await using var host = await HostAsync();
        using var console = await ConsoleProcess.StartAsync(
            new Dictionary<string, string>
            {
                ["AWS_ENDPOINT_URL_LAMBDA"] = host.Endpoint.ToString(),
                ["AWS_ACCESS_KEY_ID"] = "a",
                ["AWS_SECRET_ACCESS_KEY"] = "b",
            },
            "--env", "dev", "--operate");
        using var browser = await ConsoleFixture.BrowserAsync(console.Address);

        var tables = await AskAsync(browser, "/api/tables");
        var orders = await AskAsync(browser, "/api/tables/analytics.orders");
        var change = orders["table"]!["quarantine"]![0]!["id"]!.GetValue<long>();
        var values = await AskAsync(browser, $"/api/quarantine/{change}");
        await Analytics.ExecuteAsync("ALTER TABLE analytics.orders DROP CONSTRAINT poor");
        var cured = await CureAsync(browser, "/api/tables/analytics.orders/cures", """{"kind":"retry"}""");

        Assert.Equal("The console of the analytics database of dev, for one browser of this machine, until Ctrl-C:", console.First);
        Assert.Equal(
            ["analytics.customers", "analytics.orders"],
            tables["tables"]!.AsArray().Select(table => table!["target"]!.GetValue<string>()));
        Assert.Equal("orders", orders["definition"]!["name"]!.GetValue<string>());
        Assert.Equal(
            ["repair-all", "reload", "retry", "drop"], orders["cures"]!.AsArray().Select(cure => cure!["kind"]!.GetValue<string>()));
        Assert.Equal("CANARY", values["change"]!["status"]!.GetValue<string>());
        Assert.Equal((true, "1 change applied or outdated."), (cured["isDone"]!.GetValue<bool>(), cured["told"]!.GetValue<string>()));
        Assert.DoesNotContain(Log, line => line.Contains("CANARY", StringComparison.Ordinal));
        await AssertIdenticalAsync();
    }

    private static async Task<JsonObject> AskAsync(HttpClient browser, string path) =>
        JsonNode.Parse(await browser.GetStringAsync(new Uri(path, UriKind.Relative), CancellationToken.None))!.AsObject();

    private static async Task<JsonNode> CureAsync(HttpClient browser, string path, string order)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent(order, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Origin", browser.BaseAddress!.GetLeftPart(UriPartial.Authority));
        using var answer = await browser.SendAsync(request, CancellationToken.None);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        while (true)
            if ((await AskAsync(browser, "/api/cures"))["cures"]![0]! is var newest && newest["isDone"] is not null)
                return newest;
    }
}
