using System.Globalization;
using System.Text;

namespace CdcDms.House;

/// <summary>The numbers of the house, one line a project.</summary>
internal static class HouseReport
{
    private static readonly CompositeFormat Row =
        CompositeFormat.Parse("{0,-28} {1,5} {2,6} {3,13} {4,14} {5,5} {6,7} {7,3}  {8,-14} {9}");

    private static readonly string[] Head =
        ["project", "files", "lines", "lines a file", "width of line", ">140", "arrows", "up", "room circles", "file circles"];

    /// <summary>The report of a repository.</summary>
    public static IEnumerable<string> Of(RepositoryTree tree)
    {
        var projects = HouseProject.ReadAll(tree);
        var uses = Uses.Read([.. projects.Where(project => !project.IsTest)]);
        yield return Text(Head);
        foreach (var project in projects.OrderBy(project => project.IsTest))
            yield return Text([.. Sizes(project), .. project.IsTest ? [] : Structure(uses.Where(use => IsWithin(use, project)).ToList())]);
        yield return "";
        yield return "Three numbers are the median, the 90th of 100 and the largest.";
        yield return "Arrows are between rooms: the folders of a project, and each file that stands in no folder.";
        yield return "Up are the arrows that point up even with the best order of the rooms. Circles are given by their members.";
    }

    private static bool IsWithin(Use use, HouseProject project) => use.From.Project == project.Name && use.To.Project == project.Name;

    private static IEnumerable<string> Sizes(HouseProject project)
    {
        var widths = project.Files.SelectMany(file => file.Lines).Where(line => line.Length > 0).Select(line => line.Length).ToList();
        return
        [
            project.Name,
            $"{project.Files.Count}",
            $"{project.Files.Sum(file => file.Lines.Count)}",
            Distribution([.. project.Files.Select(file => file.Lines.Count)]),
            Distribution(widths),
            $"{widths.Count(width => width > 140)}",
        ];
    }

    private static IEnumerable<string> Structure(IReadOnlyList<Use> uses)
    {
        var rooms = new Arrows(uses.Select(use => (use.From.Room, use.To.Room)));
        var files = new Arrows(uses.Select(use => (use.From.Path, use.To.Path)));
        return [$"{rooms.Count}", $"{rooms.FewestUpwards()}", Sizes(rooms.Circles()), Sizes(files.Circles())];
    }

    private static string Sizes(IReadOnlyList<IReadOnlyList<string>> circles) =>
        circles.Count == 0 ? "none" : string.Join(", ", circles.Select(circle => circle.Count));

    private static string Distribution(IReadOnlyList<int> values)
    {
        var ordered = values.Order().ToList();
        return $"{ordered[ordered.Count / 2]}/{ordered[ordered.Count * 9 / 10]}/{ordered[^1]}";
    }

    private static string Text(IReadOnlyList<string> cells) =>
        string.Format(CultureInfo.InvariantCulture, Row, [.. cells, .. Enumerable.Repeat("", Head.Length - cells.Count)]).TrimEnd();
}
