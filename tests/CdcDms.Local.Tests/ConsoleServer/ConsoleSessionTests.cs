using System.Net;
using CdcDms.Local.ConsoleServer;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>Who is let in.</summary>
public sealed class ConsoleSessionTests(TestServers servers) : ConsoleFixture(servers)
{
    private static readonly string[] Paths = ["/", "/console.js", "/openapi.json", "/api/tables", "/api/events", "/api/health", "/nothing"];

    [Fact]
    public async Task Who_does_not_know_the_token_gets_one_sentence_of_everything()
    {
        await using var console = await StartAsync();
        using var stranger = await BrowserAsync(console, opensAddress: false);

        foreach (var path in (string[])[.. Paths, "/?token=", "/?token=0123", "/api/tables?token=0123"])
        {
            using var answer = await stranger.GetAsync(new Uri(path, UriKind.Relative), CancellationToken.None);
            var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Contains("The console does not know this browser: open the address that it printed", text, StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains("Set-Cookie"));
        }
    }

    [Fact]
    public async Task The_address_lets_in_the_first_browser_and_no_second_one()
    {
        await using var console = await StartAsync();
        using var first = await BrowserAsync(console);
        using var second = await BrowserAsync(console, opensAddress: false);

        Assert.Equal(HttpStatusCode.Unauthorized, (await second.GetAsync(console.Address, CancellationToken.None)).StatusCode);
        Assert.Equal(401, (await FailureAsync(second, "/api/tables")).Status);
        Assert.Equal(200, (await AskAsync(first, "/api/tables")).Status);
        using var again = await first.GetAsync(console.Address, CancellationToken.None);
        Assert.Equal((HttpStatusCode.OK, console.Address.AbsolutePath), (again.StatusCode, again.RequestMessage!.RequestUri!.PathAndQuery));
    }

    [Fact]
    public async Task The_cookie_is_kept_from_scripts_and_other_servers_and_is_not_the_token()
    {
        await using var console = await StartAsync();
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });

        using var answer = await browser.GetAsync(console.Address, CancellationToken.None);

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        // Another port of this machine gets it only for the path, which it does not know.
        Assert.Matches("^cdcdms-console=[0-9a-f]{64}; path=/[0-9a-f]{32}; samesite=strict; httponly$", cookie);
        Assert.Contains($"path={console.Address.AbsolutePath.TrimEnd('/')};", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(console.Address.Query["?token=".Length..], cookie, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Found, console.Address.AbsolutePath), (answer.StatusCode, answer.Headers.Location!.ToString()));
    }

    [Fact]
    public async Task Outside_of_its_path_the_cookie_is_good_for_nothing()
    {
        await using var console = await StartAsync();
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var entered = await browser.GetAsync(console.Address, CancellationToken.None);
        var cookie = entered.Headers.GetValues("Set-Cookie").Single().Split(';')[0];

        Assert.Equal(HttpStatusCode.OK, await GetAsync(new Uri(console.Address, "api/tables")));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(new Uri(console.Address, "/api/tables")));

        async Task<HttpStatusCode> GetAsync(Uri uri)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri) { Headers = { { "Cookie", cookie } } };
            using var answer = await browser.SendAsync(request, CancellationToken.None);
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("same-origin", 200)]
    [InlineData("none", 200)]
    [InlineData("same-site", 403)]
    [InlineData("cross-site", 403)]
    public async Task A_page_of_another_port_gets_no_answer_even_with_the_cookie(string site, int status)
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/tables") { Headers = { { "Sec-Fetch-Site", site } } };

        Assert.Equal(status, (int)(await browser.SendAsync(request, CancellationToken.None)).StatusCode);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:1")]
    public async Task A_name_of_another_host_gets_nothing_even_with_the_token(string host)
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);
        foreach (var path in (string[])["/api/tables", console.Address.PathAndQuery])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
            using var answer = await browser.SendAsync(request, CancellationToken.None);

            Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
            Assert.Contains(
                "by the address that it printed alone", await answer.Content.ReadAsStringAsync(CancellationToken.None),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_answer_forbids_scripts_of_others_and_the_page_has_none_inline()
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);
        foreach (var path in (string[])["/", "/console.css", "/console.js", "/drawing.js", "/icon.svg", "/openapi.json", "/api/tables"])
        {
            using var answer = await browser.GetAsync(new Uri(path, UriKind.Relative), CancellationToken.None);

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.StartsWith(
                "default-src 'self'; ", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        }

        var page = await browser.GetStringAsync(new Uri("/", UriKind.Relative), CancellationToken.None);
        Assert.DoesNotMatch("(?i)<script(?![^>]*src=\"console\\.js\")|<style| style=| on[a-z]+=|https?:", page);
        var scripts = typeof(RunningConsole).Assembly.GetManifestResourceNames().Where(
            name => name.StartsWith("page/", StringComparison.Ordinal) && name.EndsWith(".js", StringComparison.Ordinal)).ToList();
        Assert.Contains("page/console.js", scripts);
        foreach (var script in scripts.Except(["page/dagre.js", "page/marked.js", "page/uplot.js"]))
        {
            var text = await browser.GetStringAsync(new Uri(script["page".Length..], UriKind.Relative), CancellationToken.None);
            // The runbook is the program's own text.
            Assert.DoesNotMatch(
                "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(",
                text.Replace("at(\"runbook-text\").innerHTML = marked.parse(markdown);", "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Two_consoles_have_a_browser_each_and_do_not_disturb_one_another()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        using var browser = await BrowserAsync(one);

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(other.Address, CancellationToken.None)).StatusCode);
        Assert.Equal(200, (await AskAsync(browser, new Uri(one.Address, "api/tables").ToString())).Status);
        Assert.Equal(200, (await AskAsync(browser, new Uri(other.Address, "api/tables").ToString())).Status);
    }

    [Fact]
    public async Task Nothing_can_be_written()
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);
        foreach (var method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete])
        {
            using var request = new HttpRequestMessage(method, "/api/tables");
            Assert.Equal(HttpStatusCode.MethodNotAllowed, (await browser.SendAsync(request, CancellationToken.None)).StatusCode);
        }
    }
}
