using System.Text.RegularExpressions;

namespace CdcDms.Rules.Pages;

/// <summary>The pages of the guarantees, of the interleavings and of failures name only tests that are there.</summary>
public partial class GuaranteesPageTests
{
    private const string Page = "docs/guarantees.md";

    private static readonly string Text = ReadHouse.Tree.Read(Page);

    [Theory]
    [InlineData(Page)]
    [InlineData("docs/interleavings.md")]
    [InlineData("docs/failures.md")]
    public void Every_test_that_the_page_names_is_in_the_file_that_it_links(string page)
    {
        var missing = from match in Link().Matches(ReadHouse.Tree.Read(page))
                      let name = match.Groups["name"].Value
                      let path = $"docs/{match.Groups["path"].Value}"
                      where !IsThere(name, path)
                      select $"{name} in {path}";

        Faults.AssertNone(missing);
    }

    [Fact]
    public void Every_guarantee_has_its_limit_and_a_test()
    {
        var guarantees = Text.Split("\n### ").Skip(1).Select(guarantee => guarantee.Split("\n## ")[0]).ToList();

        Assert.NotEmpty(guarantees);
        Assert.All(guarantees, guarantee => Assert.Matches(Guarantee(), guarantee));
    }

    /// <summary>A file of code must have a test of this name; of other files it is enough that they are there.</summary>
    private static bool IsThere(string name, string path) =>
        ReadHouse.Tree.Has(path)
        && (Path.GetExtension(path) != ".cs"
            || Regex.IsMatch(
                ReadHouse.Tree.Read(path),
                $@"\[(Fact|Theory)\](\r?\n *[\[""@+].*)*\r?\n *public (async Task|void) {Regex.Escape(name)}\("));

    [GeneratedRegex(@"\[(?<name>[^\]]+)\]\((?!https:)(?<path>[^)#]+)(#[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^[^\n]+\n\n[^*][^\n]*\n(.*\n)*\*\*Limit\*\*: .+\n(.*\n)*\*\*Tests?\*\*: \[\w+\]\(\.\./tests/")]
    private static partial Regex Guarantee();
}
