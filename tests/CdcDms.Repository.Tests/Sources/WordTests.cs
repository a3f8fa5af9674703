using System.Text.RegularExpressions;

namespace CdcDms.Rules.Sources;

/// <summary>Words that the code and the pages do not use.</summary>
public class WordTests
{
    private static readonly string[] Kinds = [".cs", ".mjs", ".sql", ".md", ".yml", ".json", ".csproj", ".props", ".targets", ""];

    private static readonly (string Pattern, string Why)[] Unwanted =
    [
        (@"(?i)\b(whoever|thereby|hereby|herein|hereto|thereof|whereby|whose kind)\b", "archaic"),
        (@"(?i)\b(utili[sz]es?|leverag(e|es|ing)|aforementioned|in order to)\b", "there is a shorter word"),
        (@"\b(TODO|FIXME|HACK|XXX)\b", "it is done or it is an issue"),
        (@"(^|[\s""'(`=])/(work|root|home)/", "a path of one machine"),
    ];

    /// <summary>Files that must name such words.</summary>
    private static readonly string[] Except = ["LICENSE", "tests/CdcDms.Repository.Tests/Sources/WordTests.cs"];

    [Fact]
    public void No_file_uses_them()
    {
        var found = from path in ReadHouse.Tree.WithExtension(Kinds).Except(Except)
                    let text = ReadHouse.Tree.Read(path)
                    from unwanted in Unwanted
                    from match in Regex.Matches(text, unwanted.Pattern)
                    select $"{path}:{text.AsSpan(0, match.Index).Count('\n') + 1} says \"{match.Value.Trim()}\": {unwanted.Why}.";

        Faults.AssertNone(found);
    }
}
