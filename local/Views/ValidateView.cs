using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>The comparison of source and analytics, as a table and a sentence.</summary>
internal static class ValidateView
{
    public static void Write(IReadOnlyList<ValidateSummary> results)
    {
        var table = Screen.Table("table", "rows in source", "rows in analytics", "fingerprint");
        foreach (var result in results)
            table.AddRow(
                Markup.Escape(result.Table), Screen.OptionalNumber(result.SourceRows), Screen.OptionalNumber(result.TargetRows),
                Fingerprint(result));
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine(Verdict(results));
    }

    private static string Verdict(IReadOnlyList<ValidateSummary> results) =>
        results.All(result => result.Identical) ? "[green]Source and analytics are identical.[/]"
        : results.Any(result => result is { Failure: null, Identical: false }) ? "[red]Source and analytics differ.[/]"
        : "[red]Not every table was compared; the others are identical.[/]";

    private static string Fingerprint(ValidateSummary result) => result.DifferentColumns switch
    {
        null => "[red]not compared[/]",
        [] => "[green]equal[/]",
        var columns => $"[red]differs in {Markup.Escape(string.Join(", ", columns))}[/]",
    };
}
