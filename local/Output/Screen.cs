using System.Globalization;
using Spectre.Console;

namespace CdcDms.Local.Output;

/// <summary>How our tables look: the first column names, the others are numbers.</summary>
internal static class Screen
{
    /// <summary>Whether somebody watches; else there are no colours and no moving parts.</summary>
    public static bool IsTerminal => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;

    public static Table Table(string name, params string[] others)
    {
        var table = new Table { Border = IsTerminal ? TableBorder.Rounded : TableBorder.Ascii2 };
        table.AddColumn(name);
        foreach (var other in others)
            table.AddColumn(new TableColumn(other).RightAligned());
        return table;
    }

    public static IEnumerable<string> Numbers(params long[] numbers) => numbers.Select(Number);

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
