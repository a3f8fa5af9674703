using System.Text.RegularExpressions;

namespace CdcDms.Rules.Pages;

/// <summary>What a page points to is there.</summary>
public partial class LinkTests
{
    private static readonly string[] Places =
        [".ci/", ".config/", ".github/", "docs/", "eng/", "infra/", "lambdas/", "local/", "tests/"];

    [Fact]
    public void Every_link_into_the_repository_leads_to_a_file_or_folder()
    {
        var broken = from page in MarkdownPage.All
                     from link in Inside(page)
                     where !ReadHouse.Tree.Has(link.Path)
                     select $"{page.Path} links to {link.Text}: there is no {link.Path}.";

        Faults.AssertNone(broken);
    }

    [Fact]
    public void Every_anchor_is_on_the_page_that_it_names()
    {
        var broken = from page in MarkdownPage.All
                     from link in Inside(page)
                     where link.Anchor != ""
                     let target = MarkdownPage.All.SingleOrDefault(other => other.Path == link.Path)
                     where target is not null && !target.Anchors.Contains(link.Anchor)
                     select $"{page.Path} links to {link.Text}: {link.Path} has no such heading.";

        Faults.AssertNone(broken);
    }

    [Fact]
    public void Every_path_between_backticks_is_there()
    {
        var broken = from page in MarkdownPage.All
                     from code in page.Code
                     where Places.Any(place => code.StartsWith(place, StringComparison.Ordinal)) && PathOnly().IsMatch(code)
                     where !Exists(code)
                     select $"{page.Path} names {code}.";

        Faults.AssertNone(broken);
    }

    private static IEnumerable<(string Text, string Path, string Anchor)> Inside(MarkdownPage page) =>
        from link in page.Links
        where !Scheme().IsMatch(link)
        let parts = Uri.UnescapeDataString(link).Split('#', 2)
        let path = parts[0] == "" ? page.Path : Resolve(page.Path, parts[0])
        select (link, path, parts.ElementAtOrDefault(1) ?? "");

    private static string Resolve(string page, string link) =>
        Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(page)!, link)).Replace('\\', '/');

    /// <summary>A star stands for any part of a name, and a word in capitals for a name that the reader chooses.</summary>
    private static bool Exists(string path)
    {
        var pattern = Chosen().Replace(Regex.Escape(path.TrimEnd('/')).Replace(@"\*\*", ".*").Replace(@"\*", "[^/]*"), "[^/]+");
        return ReadHouse.Tree.Paths.Any(file => Regex.IsMatch(file, $"^{pattern}(/|$)"));
    }

    [GeneratedRegex(@"^[\w./*-]+$")]
    private static partial Regex PathOnly();

    [GeneratedRegex("^[a-z]+:", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"\b[A-Z]{3,}\b")]
    private static partial Regex Chosen();
}
