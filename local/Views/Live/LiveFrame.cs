using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CdcDms.Local.Views.Live;

/// <summary>Draws what is going on: a head, a line per table, and the newest lines of the log.</summary>
internal static class LiveFrame
{
    private const int MostWidth = 140;
    private const int LinesOfEntry = 2;

    private static readonly (string[] Unicode, string[] Ascii) Spins =
        (["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"], ["-", "\\", "|", "/"]);

    /// <summary>The lines of a frame, which fit a terminal.</summary>
    /// <param name="snapshot">What is going on.</param>
    /// <param name="console">The terminal.</param>
    /// <param name="number">The frame's number; null for the last one, in which nothing turns any more.</param>
    public static IRenderable Of(LiveSnapshot snapshot, IAnsiConsole console, int? number)
    {
        // A line that ends in the last cell would be broken by some terminals.
        var width = Math.Clamp(console.Profile.Width - 1, 10, MostWidth);
        var isUnicode = console.Profile.Capabilities.Unicode;
        // The cursor stands on a line of its own at the end, and nothing may scroll.
        var free = Math.Max(3, console.Profile.Height - 1);
        var lines = Head(snapshot, width, isUnicode, number).ToList();
        // The log takes what the tables leave, and has a part of the lines in any case.
        var left = free - lines.Count - (snapshot.Tables.Count > 0 ? snapshot.Tables.Count + 3 : 1);
        var log = Log(snapshot, width, Math.Min(LiveModel.LogLines, Math.Max(left, Math.Max(1, free / 6))));
        var room = free - lines.Count - (log.Count > 0 ? log.Count + 1 : 0);
        if (snapshot.Tables.Count > 0 && room > 1)
            lines.AddRange(Tables(snapshot, room, width, isUnicode));
        if (log.Count > 0 && lines.Count + log.Count < free)
            lines.Add(new Text(" "));
        lines.AddRange(log);
        // What is printed later stands apart.
        return new Rows([.. lines.Take(free), .. number is null && lines.Count > 1 ? [new Text(" ")] : Array.Empty<IRenderable>()]);
    }

    private static IEnumerable<IRenderable> Head(LiveSnapshot snapshot, int width, bool isUnicode, int? number)
    {
        var spins = isUnicode ? Spins.Unicode : Spins.Ascii;
        var spin = number is { } frame ? $"{spins[frame % spins.Length]} " : "";
        var passed = (snapshot.NowUtc - snapshot.StartedUtc).ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);
        var steps = CellText.Wrap(Printable.Of(snapshot.Step), width - spin.Length - passed.Length - 2, LinesOfEntry);
        foreach (var (index, step) in steps.Index())
            yield return new Markup(index == 0
                ? $"[aqua]{Screen.Cell(spin)}[/][bold]{Screen.Cell(step)}[/]  [grey]{passed}[/]"
                : $"{new string(' ', spin.Length)}[bold]{Screen.Cell(step)}[/]");
        if (snapshot.Counts.Length > 0)
            foreach (var line in CellText.Wrap(Printable.Of(snapshot.Counts), width, LinesOfEntry))
                yield return new Markup(Screen.Cell(line));
    }

    private static IEnumerable<IRenderable> Tables(LiveSnapshot snapshot, int room, int width, bool isUnicode)
    {
        // A blank line, the titles, and perhaps how many more there are.
        var rows = room - 2;
        var shown = snapshot.Tables.Count <= rows ? snapshot.Tables : Newest(snapshot.Tables, Math.Max(1, rows - 1));
        var columns = new TableColumns(snapshot, shown, width, isUnicode);
        if (rows > 0)
            yield return new Text(" ");
        if (rows > 1)
            yield return columns.Titles();
        foreach (var table in shown)
            yield return columns.Line(table);
        if (snapshot.Tables.Count - shown.Count is > 0 and var others)
            yield return new Markup($"[grey]and {Screen.Number(others)} more[/]");
    }

    // Those of which there is news, in the order of all.
    private static List<LiveTable> Newest(IReadOnlyList<LiveTable> tables, int most)
    {
        var newest = tables.OrderByDescending(table => table.IsBusy).ThenByDescending(table => table.Tone is Tone.Bad or Tone.Warning)
            .ThenByDescending(table => table.ChangedUtc).Take(most).ToHashSet();
        return [.. tables.Where(newest.Contains)];
    }

    private static List<Markup> Log(LiveSnapshot snapshot, int width, int most)
    {
        var lines = new List<Markup>();
        foreach (var entry in snapshot.Log.Reverse())
        {
            var text = Printable.Of(entry.Text);
            var time = width < 80 ? "" : entry.AtUtc.ToLocalTime().ToString("HH:mm:ss ", CultureInfo.InvariantCulture);
            var parts = CellText.Wrap(text, width - time.Length, entry.Tone is Tone.Plain or Tone.Good ? 1 : LinesOfEntry);
            if (lines.Count + parts.Count > most && lines.Count > 0)
                break;
            lines.InsertRange(0, parts.Select((part, index) => new Markup(
                $"[grey]{(index == 0 ? time : new string(' ', time.Length))}[/][{Colour(entry.Tone)}]{Screen.Cell(part)}[/]")));
        }

        return [.. lines.TakeLast(most)];
    }

    private static string Colour(Tone tone) => tone switch
    {
        Tone.Bad => "red",
        Tone.Warning => "yellow",
        Tone.Good => "green",
        _ => "default",
    };
}
