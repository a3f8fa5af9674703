namespace CdcDms.Rules.Sources;

/// <summary>No line of code is wider than 140 characters.</summary>
public class WidthTests
{
    private const int Widest = 140;

    private static readonly string[] Kinds = [".cs", ".mjs", ".sql", ".csproj", ".props", ".targets", ".yml"];

    [Fact]
    public void No_line_is_wider()
    {
        var wide = from path in ReadHouse.Tree.WithExtension(Kinds)
                   from line in ReadHouse.Tree.ReadLines(path).Select((text, index) => (Text: text, Number: index + 1))
                   where line.Text.Length > Widest
                   select $"{path}:{line.Number} has {line.Text.Length} characters.";

        Faults.AssertNone(wide);
    }
}
