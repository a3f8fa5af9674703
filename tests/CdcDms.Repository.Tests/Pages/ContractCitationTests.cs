using System.Text.RegularExpressions;

namespace CdcDms.Rules.Pages;

/// <summary>What the code says of DMS leads to a section of the page that says where it is known from.</summary>
public partial class ContractCitationTests
{
    private const string Page = "docs/dms-contract.md";

    private static readonly string[] Kinds = [".cs", ".mjs", ".sql", ".json", ".csproj", ".props", ".targets"];

    [Fact]
    public void Every_citation_leads_to_a_section()
    {
        var citations = Cited().ToList();

        Assert.NotEmpty(citations);
        Faults.AssertNone(
            from citation in citations
            where !Contract.Anchors.Contains(citation.Anchor)
            select $"{citation.Path} cites {Page}#{citation.Anchor}, which has no such section.");
    }

    [Fact]
    public void No_source_is_cited_by_a_key_of_its_own() =>
        Faults.AssertNone(
            from path in ReadHouse.Tree.WithExtension(Kinds)
            from match in Key().Matches(ReadHouse.Tree.Read(path))
            select $"{path} says \"{match.Value}\": cite a section, {Page}#SECTION.");

    [Fact]
    public void Every_source_that_the_page_names_has_an_address()
    {
        var text = ReadHouse.Tree.Read(Page);
        var given = Address().Matches(text).Select(match => match.Groups["key"].Value).ToHashSet();

        Assert.NotEmpty(given);
        Assert.Equal(given.Order(), Source().Matches(text).Select(match => match.Groups["key"].Value).Distinct().Order());
    }

    private static MarkdownPage Contract => MarkdownPage.All.Single(page => page.Path == Page);

    private static IEnumerable<(string Path, string Anchor)> Cited() =>
        from path in ReadHouse.Tree.WithExtension(Kinds)
        from match in Citation().Matches(ReadHouse.Tree.Read(path))
        select (path, match.Groups["anchor"].Value);

    /// <summary>The page's name, unless it ends a text of C# as it does here, with the section that is cited.</summary>
    [GeneratedRegex(@"dms-contract\.md(?!"")(#(?<anchor>[\w-]+))?")]
    private static partial Regex Citation();

    /// <summary>A number of the contract, or a guide by an abbreviation.</summary>
    [GeneratedRegex(@"\b[Cc]ontract,? \(?\d\S*|\bUG(23|new)\b|\((API|QLIK|SBS): ")]
    private static partial Regex Key();

    [GeneratedRegex(@"^\[(?<key>[a-z0-9-]+)\]: https://\S+$", RegexOptions.Multiline)]
    private static partial Regex Address();

    [GeneratedRegex(@"\[(?<key>[a-z0-9-]+)\](?![(:])")]
    private static partial Regex Source();
}
