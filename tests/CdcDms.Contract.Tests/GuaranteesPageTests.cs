using System.Text.RegularExpressions;

namespace CdcDms.Contract.Tests;

/// <summary>The page of the guarantees names only tests that are there.</summary>
public partial class GuaranteesPageTests
{
    private const string Page = "guarantees.md";

    private static readonly string Folder = Path.Combine(FindRoot(), "docs");

    private static readonly string Text = File.ReadAllText(Path.Combine(Folder, Page));

    [Fact]
    public void Every_test_that_the_page_names_is_in_the_file_that_it_links()
    {
        var missing = Link().Matches(Text)
            .Select(link => (Name: link.Groups["name"].Value, Path: link.Groups["path"].Value))
            .Where(link => !IsThere(link.Name, Path.Combine(Folder, link.Path)));

        Assert.Equal([], missing);
    }

    [Fact]
    public void Every_guarantee_has_its_limit_and_a_test()
    {
        var guarantees = Text.Split("\n### ").Skip(1).Select(guarantee => guarantee.Split("\n## ")[0]).ToList();

        Assert.NotEmpty(guarantees);
        Assert.All(guarantees, guarantee => Assert.Matches(@"^[^\n]+\n\n[^*][^\n]*\n(.*\n)*\*\*Limit\*\*: .+\n(.*\n)*\*\*Tests?\*\*: \[\w+\]\(\.\./tests/", guarantee));
    }

    /// <summary>A file of code must have a test of this name; of other files it is enough that they are there.</summary>
    private static bool IsThere(string name, string path) =>
        File.Exists(path) && (!path.EndsWith(".cs", StringComparison.Ordinal)
            || Regex.IsMatch(File.ReadAllText(path), $@"\[(Fact|Theory)\](\r?\n *\[.*\])*\r?\n *public (async Task|void) {Regex.Escape(name)}\("));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "CdcDms.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        return folder.FullName;
    }

    [GeneratedRegex(@"\[(?<name>[^\]]+)\]\((?!https:)(?<path>[^)#]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
