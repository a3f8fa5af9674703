using System.Text.RegularExpressions;

namespace CdcDms.Rules.Sources;

/// <summary>Texts of others go to the terminal through <c>Screen</c> alone, which takes away what a terminal would obey.</summary>
public partial class TerminalTests
{
    private const string Screen = "local/Views/Screen.cs";

    [Fact]
    public void No_view_writes_by_itself() =>
        Faults.AssertNone(
            from project in ReadHouse.Projects
            where !project.IsTest
            from file in project.Files
            where file.Path != Screen
            from line in file.Lines.Index()
            where Escaping().IsMatch(line.Item)
                || (file.Path.StartsWith("local/Views/", StringComparison.Ordinal) && Writing().IsMatch(line.Item))
            select $"{file.Path}:{line.Index + 1} writes without {Screen}: {line.Item.Trim()}");

    [GeneratedRegex(@"\bMarkup\.Escape\(")]
    private static partial Regex Escaping();

    [GeneratedRegex(@"\bConsole(\.Error|\.Out)?\.Write")]
    private static partial Regex Writing();
}
