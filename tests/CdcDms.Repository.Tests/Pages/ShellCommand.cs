using System.Text.RegularExpressions;

namespace CdcDms.Rules.Pages;

/// <summary>A command as a page gives it.</summary>
/// <param name="Page">The path of the page.</param>
/// <param name="Text">The command.</param>
/// <param name="IsWhole">Whether it can be copied as it is; a command between backticks may leave out what the page says elsewhere.</param>
/// <param name="Words">Its words as a shell passes them, without variables set for it and without where its output goes,
/// what follows its failure and whether it runs in the background.</param>
internal sealed partial record ShellCommand(string Page, string Text, bool IsWhole, string[] Words)
{
    /// <summary>What the texts between backticks begin with that are commands.</summary>
    private static readonly string[] Beginnings = ["dotnet ", "npx cdk ", "./dev ", ".ci/", "node .ci/", "CDCDMS_"];

    /// <summary>All commands of the pages: of blocks for a shell, and between backticks.</summary>
    public static IReadOnlyList<ShellCommand> All { get; } =
    [
        .. from page in MarkdownPage.All
           from block in page.Blocks
           where block.IsShell
           from line in Lines(block.Code)
           select new ShellCommand(page.Path, line, IsWhole: true, Split(line)),
        .. from page in MarkdownPage.All
           from code in page.Code
           where IsCommand(code)
           select new ShellCommand(page.Path, code, IsWhole: false, Split(code)),
    ];

    private static bool IsCommand(string code) =>
        code.Contains(' ')
        && Beginnings.Any(beginning => code.StartsWith(beginning, StringComparison.Ordinal))
        && !Gap().IsMatch(code);

    private static IEnumerable<string> Lines(string code) =>
        code.Replace("\\\n", " ").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'));

    private static string[] Split(string text) =>
    [
        .. Word().Matches(Redirection().Replace(text, ""))
            .Select(word => word.Value)
            .SkipWhile(word => Assignment().IsMatch(word))
            .Select(word => word.Replace("\"", "").Replace("'", "")),
    ];

    [GeneratedRegex("[…<]|\\bVERB\\b")]
    private static partial Regex Gap();

    [GeneratedRegex(@"(""[^""]*""|'[^']*'|[^\s""'])+")]
    private static partial Regex Word();

    [GeneratedRegex(@" >>? *\S+| \|\| .*$| &$| #.*$")]
    private static partial Regex Redirection();

    [GeneratedRegex("^[A-Za-z_]+=")]
    private static partial Regex Assignment();
}
