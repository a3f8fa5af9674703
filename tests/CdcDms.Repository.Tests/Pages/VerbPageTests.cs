using System.CommandLine;
using System.Text.RegularExpressions;
using CdcDms.Local.Commands;

namespace CdcDms.Rules.Pages;

/// <summary>The page of the command line has each verb, and says what it works on as its options do.</summary>
public partial class VerbPageTests
{
    private static readonly string[] Places = ["--source", "--target", "--lake"];

    [Fact]
    public void Every_verb_says_what_it_works_on()
    {
        var page = Row().Matches(ReadHouse.Tree.Read("docs/command-line.md"))
            .ToDictionary(row => row.Groups["verb"].Value, row => row.Groups["reach"].Value);
        var verbs = Verbs.Create().Subcommands.ToDictionary(verb => verb.Name, Reach);

        Assert.Equal("an environment on AWS", verbs["restart"]);
        Assert.Equal(page.Keys.Order(), verbs.Keys.Order());
        Faults.AssertNone(verbs.Where(verb => page[verb.Key] != verb.Value).Select(verb => $"{verb.Key} works on {verb.Value}"));
    }

    // Where servers have to be named, --env says something else.
    private static string Reach(Command verb)
    {
        var options = verb.Subcommands.Append(verb).SelectMany(command => command.Options).ToList();
        var servers = options.Where(option => Places.Contains(option.Name)).ToList();
        var hasEnvironment = options.Exists(option => option.Name == "--env") && !servers.Exists(option => option.Required);
        return (hasEnvironment, servers.Count > 0) switch
        {
            (true, true) => "both",
            (true, false) => "an environment on AWS",
            (false, true) => "servers that you name",
            _ => verb.Name == "measure" ? "no servers" : "servers that it starts",
        };
    }

    [GeneratedRegex(@"^\| \[`(?<verb>\w+)`\]\(#[a-z-]+\) \| [^|]+ \| (?<reach>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
