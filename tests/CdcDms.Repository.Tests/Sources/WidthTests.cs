namespace CdcDms.Rules.Sources;

/// <summary>No line of code is wider than 140 characters.</summary>
public class WidthTests
{
    private const int Widest = 140;

    private static readonly string[] Kinds = [".cs", ".mjs", ".sql", ".csproj", ".props", ".targets", ".yml"];

    /// <summary>How many lines are wider, by project, and shall be cured. A number may only become smaller.</summary>
    private static readonly Dictionary<string, int> NotYet = new()
    {
        ["local"] = 167,
        ["tests/CdcDms.Local.Tests"] = 255,
        ["tests/CdcDms.TestServers"] = 14,
    };

    [Fact]
    public void No_line_is_wider()
    {
        var wide = from path in ReadHouse.Tree.WithExtension(Kinds)
                   from line in ReadHouse.Tree.ReadLines(path).Select((text, index) => (Text: text, Number: index + 1))
                   where line.Text.Length > Widest
                   group $"{path}:{line.Number} has {line.Text.Length} characters." by Project(path) into lines
                   where lines.Count() > NotYet.GetValueOrDefault(lines.Key)
                   select $"{lines.Key} has {lines.Count()} lines wider than {Widest}:\n{string.Join('\n', lines)}";

        Faults.AssertNone(wide);
    }

    /// <summary>The folder of the project: two names below lambdas and tests, one elsewhere.</summary>
    private static string Project(string path)
    {
        var names = path.Split('/');
        return string.Join('/', names.Take(names[0] is "lambdas" or "tests" ? 2 : 1));
    }
}
