using System.Globalization;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>How our output looks: on a terminal with colours and moving parts, elsewhere as plain text.</summary>
internal static class Screen
{
    // Wide enough that no table of ours is ever broken, whatever width a pipe pretends to have.
    private const int PlainWidth = 500;

    /// <summary>Whether stdout is a terminal.</summary>
    public static bool IsTerminal { get; } = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;

    /// <summary>Must run before anything is printed.</summary>
    public static void Open()
    {
        if (IsTerminal)
            return;
        AnsiConsole.Profile.Capabilities.Ansi = false;
        AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        AnsiConsole.Profile.Width = PlainWidth;
    }

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

    /// <summary>A number, or a dash for none.</summary>
    public static string OptionalNumber(long? number) => number is { } known ? Number(known) : "–";

    /// <summary>A number with its thousands apart.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
