using CdcDms.Contract.Functions;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>The comparison of source and analytics, as a table and a sentence.</summary>
internal static class ValidateView
{
    public static void Write(IReadOnlyList<ValidateOutput> results)
    {
        var table = Screen.Table("table", "rows in source", "rows in analytics", "fingerprint");
        foreach (var result in results)
            table.AddRow([Markup.Escape(result.Table), .. Screen.Numbers(result.SourceRows, result.TargetRows), Fingerprint(result)]);
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine(results.All(result => result.Identical)
            ? "[green]Source and analytics are identical.[/]"
            : "[red]Source and analytics differ.[/]");
    }

    private static string Fingerprint(ValidateOutput result) =>
        result.DifferentColumns.Count == 0
            ? "[green]equal[/]"
            : $"[red]differs in {Markup.Escape(string.Join(", ", result.DifferentColumns))}[/]";
}
