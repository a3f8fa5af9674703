using System.Globalization;
using CdcDms.Local.Views.Live;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>How our output looks: on a terminal with colours and moving parts, elsewhere as plain text.</summary>
internal static class Screen
{
    // Wide enough that no table of ours is ever broken, whatever width a pipe pretends to have.
    private const int PlainWidth = 500;

    private static TextWriter? _file;

    private static volatile LiveRegion? _region;

    /// <summary>Whether stdout is a terminal.</summary>
    public static bool IsTerminal { get; } = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;

    /// <summary>Whether stdout is a terminal on which lines can be drawn again.</summary>
    public static bool IsLive => IsTerminal && AnsiConsole.Profile.Capabilities.Ansi;

    /// <summary>Must run before anything is printed.</summary>
    public static void Open()
    {
        if (!IsTerminal)
        {
            AnsiConsole.Profile.Capabilities.Ansi = false;
            AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
            AnsiConsole.Profile.Width = PlainWidth;
        }

        // Spectre.Console has the terminal itself, and gets the texts of others from Cell.
        _file = IsTerminal ? null : Console.Out;
        Console.SetOut(new PrintableWriter(Console.Out));
        Console.SetError(new PrintableWriter(Console.Error));
    }

    /// <summary>Prints what a program is to run: into a file or a pipe as it is, whatever is in it.</summary>
    public static void Script(string text) => (_file ?? Console.Out).Write(text);

    /// <summary>Prints a line; above a live view while there is one, where it stays.</summary>
    public static void Line(string text)
    {
        if (_region?.Above(Printable.Of(text)) is not true)
            Console.WriteLine(Printable.Of(text));
    }

    /// <summary>Prints a line that is no result, on stderr; above a live view while there is one, unless stderr goes elsewhere.</summary>
    public static void Note(string text)
    {
        if (Console.IsErrorRedirected || _region?.Above(Printable.Of(text)) is not true)
            Console.Error.WriteLine(Printable.Of(text));
    }

    /// <summary>From now on lines go above a live view.</summary>
    /// <returns>Ends that.</returns>
    public static IDisposable GoesAbove(LiveRegion region)
    {
        _region = region;
        return new EndOfRegion();
    }

    /// <summary>Any text as markup of Spectre.Console: a cell of a table, or a part of a line.</summary>
    public static string Cell(string text) => Markup.Escape(Printable.Of(text));

    /// <summary>A table whose first column names and whose other columns are right-aligned.</summary>
    public static Table Table(string name, params string[] others)
    {
        var table = new Table { Border = IsTerminal ? TableBorder.Rounded : TableBorder.Ascii2 };
        table.AddColumn(name);
        foreach (var other in others)
            table.AddColumn(new TableColumn(other).RightAligned());
        return table;
    }

    /// <summary>Numbers as cells.</summary>
    public static IEnumerable<string> Numbers(params long[] numbers) => numbers.Select(Number);

    /// <summary>A time, UTC, or a dash for none.</summary>
    public static string Time(DateTime? utc) => utc?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>An age in its largest unit: <c>59 s</c>, <c>3 min</c>, <c>47 h</c>, <c>5 days</c>.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalMinutes: < 1 } => $"{age.Seconds} s",
        { TotalHours: < 1 } => $"{age.Minutes} min",
        { TotalDays: < 2 } => $"{(int)age.TotalHours} h",
        _ => $"{age.Days} days",
    };

    /// <summary>A number, or a dash for none.</summary>
    public static string OptionalNumber(long? number) => number is { } known ? Number(known) : "–";

    /// <summary>A number of things: <c>1 file</c>, <c>1,234 files</c>.</summary>
    public static string Count(long number, string thing, string? things = null) =>
        $"{Number(number)} {(number == 1 ? thing : things ?? $"{thing}s")}";

    /// <summary>A number with its thousands apart.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private sealed class EndOfRegion : IDisposable
    {
        public void Dispose() => _region = null;
    }
}
