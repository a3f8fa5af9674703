using System.Net;
using CdcDms.Local.Tests.Commands;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>The verb, as a process.</summary>
public sealed class ConsoleCommandTests(TestServers servers)
{
    [Fact]
    public async Task The_printed_address_opens_the_page_until_a_signal_ends_it_also_without_a_database()
    {
        using var console = await ConsoleProcess.StartAsync(
            new Dictionary<string, string>(), "--target", "Host=127.0.0.1;Port=1;Username=a;Database=b");
        using var browser = new HttpClient();

        using var page = await browser.GetAsync(console.Address, TestContext.Current.CancellationToken);
        var ended = await console.InterruptAsync();

        Assert.Equal("The console of the database b at 127.0.0.1:1, for one browser of this machine, until Ctrl-C:", console.First);
        Assert.Matches("^http://127\\.0\\.0\\.1:[0-9]+/[0-9a-f]{32}/\\?token=[0-9a-f]{64}$", console.Address.ToString());
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal((0, ""), ended);
    }

    [Theory]
    [InlineData("--source, --lake and --tables go together: give all three, or none.", "--target", "Host=a", "--lake", "s3://lake/x")]
    [InlineData("Say where the databases are: by --env NAME, or by --target.")]
    [InlineData("--env NAME reaches databases and lake by itself: leave out --target, or --env.", "--env", "dev", "--target", "Host=a")]
    [InlineData("of the analytics database", "--target", "nonsense")]
    public async Task A_wrong_command_line_is_one_sentence_and_exit_code_2(string sentence, params string[] arguments)
    {
        var (exitCode, output, errors) = await CommandLine.RunAsync(servers, ["console", .. arguments]);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
    }
}
