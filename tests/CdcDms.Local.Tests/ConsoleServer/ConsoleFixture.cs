using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using CdcDms.Local.ConsoleServer;
using CdcDms.Local.Operations;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>A ledger with two tables, and a console over it.</summary>
public abstract class ConsoleFixture(TestServers servers) : IAsyncLifetime
{
    /// <summary>A name that would run if a page took it as markup, with a slash and a percent sign.</summary>
    protected const string Hostile = "<img src=x onerror=alert(1)>/%2F\"";

    protected TestServers Servers { get; } = servers;

    protected TestDatabase Analytics { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Analytics = await Servers.CreateDatabaseAsync();
        await LedgerAsync(Analytics.ConnectionString);
        await Analytics.ExecuteAsync(
            $"""
            INSERT INTO cdc.tables (target_schema, target_name, drained_at)
            VALUES ('analytics', 'accounts', now()), ('x', '{Hostile}', NULL);
            INSERT INTO cdc.batches (
                table_id, committed_at, files, bytes, read, inserted, updated, unchanged, deleted, superseded, stale, quarantined, removed)
            SELECT id, now() - n * interval '1 minute', 1, 10, n, n, 0, 0, 0, 0, 0, 0, 0 FROM cdc.tables, generate_series(1, 3) n
            """);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Analytics.DisposeAsync();
    }

    internal Task<RunningConsole> StartAsync(string? target = null, bool operates = false) =>
        RunningConsole.StartAsync(Places(target) with { MayOperate = operates });

    internal ConsolePlaces Places(string? target = null) => new()
    {
        Operations = new ConnectedOperations(new ConnectedPlaces { Target = target ?? Analytics.ConnectionString }),
        Waits = () => throw new InvalidOperationException("Nothing is repaired."),
    };

    /// <summary>A browser that has opened the printed address, or one that knows nothing.</summary>
    internal static Task<HttpClient> BrowserAsync(RunningConsole console, bool opensAddress = true) =>
        BrowserAsync(console.Address, opensAddress);

    /// <inheritdoc cref="BrowserAsync(RunningConsole, bool)"/>
    internal static async Task<HttpClient> BrowserAsync(Uri address, bool opensAddress = true)
    {
        var cookies = new SocketsHttpHandler { CookieContainer = new CookieContainer() };
        var client = new HttpClient(new BelowPath(address) { InnerHandler = cookies })
        {
            BaseAddress = new Uri(address.GetLeftPart(UriPartial.Authority)),
        };
        if (opensAddress)
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(address, CancellationToken.None)).StatusCode);
        return client;
    }

    /// <summary>What a page that stays open is told.</summary>
    internal static async Task<IAsyncEnumerator<SseItem<string>>> EventsAsync(HttpClient browser) =>
        SseParser.Create(
            await browser.GetStreamAsync(new Uri("/api/events", UriKind.Relative), CancellationToken.None),
            (_, data) => Encoding.UTF8.GetString(data)).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();

    /// <summary>The next thing that it is told, but for rates, which change with time.</summary>
    internal static async Task<SseItem<string>> NextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        do
            Assert.True(await events.MoveNextAsync());
        while (events.Current.EventType == "flow");
        return events.Current;
    }

    /// <summary>An answer of the API.</summary>
    internal static async Task<(int Status, JsonObject Answer)> AskAsync(HttpClient browser, string path)
    {
        using var answer = await browser.GetAsync(new Uri(browser.BaseAddress!, path), CancellationToken.None);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(CancellationToken.None))!.AsObject());
    }

    /// <summary>Asks, and takes the one sentence that is the answer.</summary>
    internal static async Task<(int Status, string Sentence)> FailureAsync(HttpClient browser, string path)
    {
        var (status, answer) = await AskAsync(browser, path);
        return (status, Assert.Single(answer, part => part.Key == "failure").Value!.GetValue<string>());
    }

    /// <summary>Orders a cure of the table accounts, as the console's own page does unless another origin is given.</summary>
    internal static async Task<(int Status, JsonObject Answer)> OrderAsync(HttpClient browser, string body, string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/tables/analytics.accounts/cures", UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (origin is not "")
            request.Headers.Add("Origin", origin ?? browser.BaseAddress!.GetLeftPart(UriPartial.Authority));
        using var answer = await browser.SendAsync(request, CancellationToken.None);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(CancellationToken.None))!.AsObject());
    }

    // A merge makes the ledger; a table without files is enough.
    private async Task LedgerAsync(string target)
    {
        using var lake = await TestLake.CreateAsync(Servers);
        var table = new Contract.Tables.TableDefinition
        {
            Schema = "public",
            Name = "none",
            Target = "x.none",
            Key = ["id"],
            Columns = [new() { From = "id", To = "id", Type = "integer" }],
        };
        await new Pipeline.Merging.MergeJob(lake.Reader, target).RunAsync(table, 1 << 20, CancellationToken.None);
        await Analytics.ExecuteAsync("DELETE FROM cdc.tables");
    }

    // Tests name what is below the path of the printed address.
    private sealed class BelowPath(Uri address) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (uri, path) = (request.RequestUri!, address.AbsolutePath.TrimEnd('/'));
            if (uri.Authority == address.Authority && !uri.AbsolutePath.StartsWith($"{path}/", StringComparison.Ordinal))
                request.RequestUri = new Uri($"{uri.GetLeftPart(UriPartial.Authority)}{path}{uri.PathAndQuery}");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
