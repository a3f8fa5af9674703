using System.Text.RegularExpressions;
using CdcDms.Local.Commands;
using CdcDms.Rules.Sources;

namespace CdcDms.Rules.Pages;

/// <summary>
/// The commands of the pages are such that they can be run: what they name is there. <c>.ci/docs</c> runs those that need no account.
/// </summary>
public class CommandTests
{
    /// <summary><c>sh</c> runs in a clean clone; the others also need servers of the reader's own, much time or an AWS account.</summary>
    private static readonly string[] Infos =
        ["sh", "sh servers", "sh long", "sh aws", "text", "json", "sql", "mermaid", "csharp", "xml", "yaml"];

    [Fact]
    public void Every_block_says_what_it_holds()
    {
        var unknown = from page in MarkdownPage.All
                      from block in page.Blocks
                      where !Infos.Contains(block.Info)
                      select $"{page.Path} has a block of \"{block.Info}\": {block.Code.Split('\n')[0]}";

        Faults.AssertNone(unknown);
    }

    [Fact]
    public void Every_command_names_what_is_there()
    {
        var wrong = from command in ShellCommand.All
                    from fault in Wrong(command)
                    select $"{command.Page}: {command.Text}: {fault}";

        Faults.AssertNone(wrong);
    }

    private static IEnumerable<string> Wrong(ShellCommand command) => command.Words switch
    {
        ["dotnet", "run", "--project", "local", "--", .. var verb] => OfProgram(verb, command.IsWhole),
        ["dotnet", "run", "--project", var project, ..] => Missing(project),
        ["dotnet", "test", .. var options] => OfTests(options),
        ["dotnet", "build" or "format" or "restore" or "tool", ..] => [],
        ["npx", "cdk", _, .. var options] => OfEnvironment(options),
        ["./dev", var task, ..] => IsTask(task) ? [] : [$"./dev has no task {task}"],
        ["node", var script, ..] => Missing(script),
        [var script, ..] when script.StartsWith(".ci/", StringComparison.Ordinal) => Missing(script),
        ["python3", "-m", "venv", _] or ["/tmp/spark/bin/pip", "install", _] => [],
        ["/tmp/spark/bin/python", "-m", "unittest", "discover", "--start-directory", var folder, ..] => Missing(folder),
        ["npm", "ci", "--ignore-scripts", "--prefix", var folder] => Missing(folder),
        ["npm", "ci"] or ["git" or "aws" or "cd" or "psql", ..] or ["wait"] => [],
        _ => ["nothing checks such a command"],
    };

    private static IEnumerable<string> OfProgram(string[] words, bool isWhole) =>
        Verbs.Create().Parse([.. words.Select(word => word.Replace("$S3_ENDPOINT", "http://localhost"))]).Errors
            .Select(error => error.Message)
            .Where(message => isWhole || !message.Contains("required", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> OfTests(string[] options)
    {
        var project = After(options, "--project");
        var tests = DeclaredTest.All.Where(test => project is null || test.Project == project).ToList();
        if (tests.Count == 0)
            yield return $"there are no tests in {project}";
        if (After(options, "--filter-method") is { } method && !tests.Exists(test => Matches(test.Method, method)))
            yield return $"no test is {method}";
        if (After(options, "--filter-class") is { } type && !tests.Exists(test => Matches(test.Class, type)))
            yield return $"no class is {type}";
        if (After(options, "--filter-namespace") is { } space && !tests.Exists(test => Matches(test.Namespace, space)))
            yield return $"no namespace is {space}";
    }

    private static IEnumerable<string> OfEnvironment(string[] options)
    {
        var context = After(options, "-c") ?? After(options, "--context");
        return context?.Split('=') switch
        {
            ["env" or "account" or "github", "NAME"] => [],
            ["env" or "account" or "github", var name] => Missing($"infra/Environments/{name}.json"),
            _ => ["it does not choose an environment with -c env=NAME"],
        };
    }

    private static IEnumerable<string> Missing(string path) => ReadHouse.Tree.Has(path) ? [] : [$"there is no {path}"];

    private static bool IsTask(string name) =>
        Regex.IsMatch(ReadHouse.Tree.Read("dev"), $@"^{Regex.Escape(name)}\(\) \{{ # ", RegexOptions.Multiline);

    private static string? After(string[] words, string option) =>
        words.SkipWhile(word => word != option).Skip(1).FirstOrDefault();

    /// <summary>A star at the beginning or the end of a filter stands for any text.</summary>
    private static bool Matches(string name, string filter) => Regex.IsMatch(name, $"^{Regex.Escape(filter).Replace(@"\*", ".*")}$");
}
