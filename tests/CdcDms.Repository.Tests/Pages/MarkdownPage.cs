using System.Text;
using System.Text.RegularExpressions;

namespace CdcDms.Rules.Pages;

/// <summary>A page of the repository as GitHub shows it.</summary>
internal sealed partial class MarkdownPage
{
    private MarkdownPage(string path, string text)
    {
        Path = path;
        Blocks = [.. Fence().Matches(text).Select(match => new FencedBlock(match.Groups["info"].Value.Trim(), match.Groups["code"].Value))];
        Prose = Comment().Replace(Fence().Replace(text, ""), "");
        var prose = InlineCode().Replace(Prose, "");
        Links = [.. Link().Matches(prose).Select(match => match.Groups["target"].Value)];
        Code = [.. InlineCode().Matches(Prose).Select(match => match.Groups["code"].Value.Trim())];
        Anchors = ReadAnchors();
    }

    /// <summary>All pages.</summary>
    public static IReadOnlyList<MarkdownPage> All { get; } =
        [.. ReadHouse.Tree.WithExtension(".md").Select(path => new MarkdownPage(path, ReadHouse.Tree.Read(path)))];

    /// <summary>The path of the page in the repository.</summary>
    public string Path { get; }

    /// <summary>The text without the fenced blocks and the comments.</summary>
    public string Prose { get; }

    /// <summary>The fenced blocks, in order.</summary>
    public IReadOnlyList<FencedBlock> Blocks { get; }

    /// <summary>Where the links lead, as they are written.</summary>
    public IReadOnlyList<string> Links { get; }

    /// <summary>What stands between backticks.</summary>
    public IReadOnlyList<string> Code { get; }

    /// <summary>What a link may name after its <c>#</c>.</summary>
    public IReadOnlySet<string> Anchors { get; }

    private HashSet<string> ReadAnchors()
    {
        var anchors = Id().Matches(Prose).Select(match => match.Groups["id"].Value).ToHashSet();
        var slugs = new Dictionary<string, int>();
        foreach (var heading in Heading().Matches(Prose).Select(match => match.Groups["text"].Value.Trim()))
        {
            var slug = Slug(heading);
            var earlier = slugs.GetValueOrDefault(slug);
            slugs[slug] = earlier + 1;
            anchors.Add(earlier == 0 ? slug : $"{slug}-{earlier}");
        }
        return anchors;
    }

    /// <summary>
    /// GitHub's rule: the heading's text in lower case; letters, digits, hyphens and underscores stay, and a space becomes a hyphen.
    /// </summary>
    private static string Slug(string heading)
    {
        var text = Tag().Replace(LinkInHeading().Replace(heading, "${text}"), "").Trim();
        var slug = new StringBuilder();
        foreach (var letter in text.ToLowerInvariant())
            if (char.IsLetterOrDigit(letter) || letter is '-' or '_')
                slug.Append(letter);
            else if (letter == ' ')
                slug.Append('-');
        return slug.ToString();
    }

    [GeneratedRegex(@"^ *(?<fence>```+)(?<info>[^\n`]*)\n(?<code>.*?)^ *\k<fence> *$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex("(?<ticks>`+)(?<code>.+?)\\k<ticks>", RegexOptions.Singleline)]
    private static partial Regex InlineCode();

    [GeneratedRegex(
        @"\]\((?<target>[^)\s]+)[^)]*\)|^\[[^\]]+\]: (?<target>\S+)|\b(href|src)=""(?<target>[^""]+)""",
        RegexOptions.Multiline)]
    private static partial Regex Link();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkInHeading();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\b(id|name)=""(?<id>[^""]+)""")]
    private static partial Regex Id();

    [GeneratedRegex("^#{1,6} (?<text>.+?)#*$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
