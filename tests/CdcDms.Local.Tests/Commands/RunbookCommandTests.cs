using System.Text.RegularExpressions;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>
/// Every command of the runbook over servers of one's own: what it says for an environment on AWS is said here of this pipeline, and its
/// SQL is run in the database that its first line names.
/// </summary>
public sealed class RunbookCommandTests(TestServers servers) : AsideFixture(servers)
{
    private const string Ours = "dotnet run --project local -- ";

    // They speak to DMS alone.
    private static readonly string[] OnAwsAlone = ["reload", "restart"];

    private static readonly string Page = Repository.Read("docs", "runbook.md");

    [Fact]
    public async Task Every_command_runs_and_every_statement_too()
    {
        await ArriveAsync();
        await Analytics.ExecuteAsync("ALTER TABLE analytics.accounts ADD CONSTRAINT poor CHECK (balance < 1000000)");
        await Source.ExecuteAsync("UPDATE accounts SET balance = 2000000 WHERE id IN (17, 18)");
        await PutUnreadableAsync(1);
        await ArriveAsync();
        await Source.ExecuteAsync("SELECT pg_create_logical_replication_slot('old_slot', 'test_decoding')");
        var ids = (await QuarantineAsync()).Select(change => change!["id"]!.ToString()).ToList();
        Assert.Equal(2, ids.Count);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var capture = CaptureAsync(untilIdle: null, 1, end.Token);

        var done = new HashSet<string>();
        foreach (var command in Commands())
        {
            var verb = command.Split(' ')[0];
            var (exitCode, output, errors) = await RunAsync(Here(command, ids));
            Assert.True(exitCode == 0 || (exitCode == 1 && verb != "repair"), $"{command} ended with {exitCode}: {output}{errors}");
            done.Add(verb);
        }

        Assert.Equal(["health", "preflight", "quarantine", "repair", "resume", "status", "validate"], done.Order());
        foreach (var (place, statements) in Statements())
            await (place == "at the source" ? Source : Analytics).ExecuteAsync(statements);
        await end.CancelAsync();
        await capture;
    }

    // A change that is given up cannot be tried any more, so these come last.
    private static IReadOnlyList<string> Commands() =>
    [
        .. Page.Split('\n').Where(line => line.StartsWith(Ours, StringComparison.Ordinal)).Select(line => line[Ours.Length..]).Distinct()
            .Where(command => !OnAwsAlone.Contains(command.Split(' ')[0]))
            .OrderBy(command => command.Contains(" drop ", StringComparison.Ordinal)),
    ];

    private static IReadOnlyList<(string Place, string Statements)> Statements()
    {
        var blocks = Regex.Matches(Page, "```sql\n-- (?<place>at the source|in analytics)\n(?<text>.*?)```", RegexOptions.Singleline);
        Assert.Equal(Regex.Count(Page, "```sql"), blocks.Count);
        return [.. blocks.Select(block => (block.Groups["place"].Value, block.Groups["text"].Value))];
    }

    private string[] Here(string command, List<string> ids)
    {
        // No proof of accounts is judged while a file of it cannot be read, which a repair waits for.
        var table = command.StartsWith("repair", StringComparison.Ordinal) ? ".entries" : ".accounts";
        var words = command.Replace(" --env NAME", "").Replace(".orders", table).Split(' ').ToList();
        var isOfLake = words.Remove("--lake") || words[0] is "health" or "repair";
        for (var at = words.IndexOf("--id") + 1; at > 0 && at < words.Count; at++)
            words[at] = ids[words[at] == "17" ? 0 : 1];
        string[] source = words[0] is "health" or "repair" or "validate" or "preflight" || isOfLake
            ? ["--source", Source.ConnectionString]
            : [];
        string[] tables = source.Length > 0 || words.Contains("retry") ? ["--tables", Definitions] : [];
        string[] lake = isOfLake ? CommandLine.Lake(Servers, Lake) : [];
        string[] pace = words[0] == "repair" ? ["--file-seconds", "1"] : [];
        return [.. words, "--target", Analytics.ConnectionString, .. source, .. tables, .. lake, .. pace];
    }
}
