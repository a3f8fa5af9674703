using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Validation;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>The comparison of source and analytics: a table, a line for each row that differs, and a sentence.</summary>
internal static class ValidateView
{
    // Of each table; with --json there are more.
    private const int ShownRows = 20;

    public static void Write(IReadOnlyList<ValidateSummary> results)
    {
        var table = Screen.Table("table", "rows in source", "rows in analytics", "missing", "extra", "changed", "rows");
        foreach (var result in results)
            table.AddRow(
            [
                Screen.Cell(result.Table),
                .. new[] { result.SourceRows, result.TargetRows, result.Missing, result.Extra, result.Changed }
                    .Select(Screen.OptionalNumber),
                Outcome(result),
            ]);
        AnsiConsole.Write(table);
        foreach (var result in results)
            WriteRows(result);
        AnsiConsole.MarkupLine(Verdict(results));
        if (results.Any(result => result is { Failure: null, Identical: false }))
            Screen.Line(
                "Changes that are on their way show as differences too: merge first. While others write, "
                + "validate --lake s3://BUCKET/PREFIX --wait tells what really differs; repair makes such rows as they are at the source.");
    }

    private static string Verdict(IReadOnlyList<ValidateSummary> results) =>
        results.All(result => result.Identical) ? "[green]Source and analytics are identical.[/]"
        : results.Any(result => result is { Failure: null, Identical: false }) ? "[red]Source and analytics differ.[/]"
        : "[red]Not every table was compared; the others are identical.[/]";

    private static string Outcome(ValidateSummary result) => result switch
    {
        { DifferentColumns: null } => "[red]not compared[/]",
        { Identical: true } => "[green]equal[/]",
        { DifferentColumns: [] } => "[red]differ[/]",
        { DifferentColumns: var columns } => $"[red]differ in {Screen.Cell(string.Join(", ", columns))}[/]",
    };

    private static void WriteRows(ValidateSummary result)
    {
        var rows = result.Differences ?? [];
        foreach (var row in rows.Take(ShownRows))
            Screen.Line($"{result.Table} {RowText.Of(row.Key)}: {What(row)}");
        var others = (result.Missing + result.Extra + result.Changed ?? 0) - Math.Min(rows.Count, ShownRows);
        if (others > 0)
            Screen.Line($"{result.Table}: {Screen.Number(others)} more rows differ");
    }

    private static string What(RowDifference row) => row.Kind switch
    {
        DifferenceKind.Missing => $"missing{Values(row.Source, "source")}",
        DifferenceKind.Extra => $"extra{Values(row.Target, "analytics")}",
        _ => $"changed in {string.Join(", ", row.Columns)}{Values(row.Source, "source")}{Values(row.Target, "analytics")}",
    };

    private static string Values(IReadOnlyDictionary<string, string?>? values, string side) =>
        values is null ? "" : $"; {side} {RowText.Of(values)}";
}
