using CdcDms.Pipeline.Preflight;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>What preflight found: a table on a terminal, elsewhere some lines for each finding, and how many there are.</summary>
internal static class PreflightView
{
    public static void Write(PreflightReport report)
    {
        // Of one severity, the order stays that of the checks.
        var findings = report.Findings.OrderBy(finding => finding.Severity).ToList();
        if (findings.Count > 0 && Screen.IsTerminal)
            AnsiConsole.Write(Table(findings));
        else
            foreach (var line in findings.SelectMany(Lines))
                Screen.Line(line);
        AnsiConsole.MarkupLine(Verdict(report));
    }

    private static Table Table(IEnumerable<Finding> findings)
    {
        var table = new Table { Border = TableBorder.Rounded, ShowRowSeparators = true };
        table.AddColumns("", "where", "finding and cure");
        foreach (var finding in findings)
            table.AddRow(
                Coloured(finding.Severity), Screen.Cell(Place(finding)),
                string.Join('\n', [Screen.Cell(finding.Reason), .. Cures(finding).Select(cure => $"[grey]{Screen.Cell(cure)}[/]")]));
        return table;
    }

    private static IEnumerable<string> Lines(Finding finding) =>
        [$"{Word(finding.Severity)}: {Place(finding)}: {finding.Reason}", .. Cures(finding).Select(cure => $"    {cure}")];

    private static IEnumerable<string> Cures(Finding finding) =>
    [
        .. FixScript.CureOf(finding).SelectMany(part => part.ReplaceLineEndings("\n").Split('\n')),
        .. finding.ByHand is { } byHand ? new[] { byHand } : [],
    ];

    private static string Place(Finding finding) =>
        finding.Table ?? (finding.Database is CheckedDatabase.Source ? "source" : "analytics");

    private static string Word(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Blocks => "blocks",
        FindingSeverity.Loses => "loses",
        _ => "warns",
    };

    private static string Coloured(FindingSeverity severity) =>
        $"[{(severity is FindingSeverity.Warns ? "yellow" : "red")}]{Word(severity)}[/]";

    private static string Verdict(PreflightReport report)
    {
        var counts = Enum.GetValues<FindingSeverity>()
            .Select(severity => (Word: Word(severity), Count: report.Findings.Count(finding => finding.Severity == severity)))
            .Where(some => some.Count > 0).Select(some => $"{some.Word}: {Screen.Number(some.Count)}").ToList();
        return (report.IsClean ? "[green]Nothing stops the pipeline or loses anything.[/]"
            : "[red]The pipeline would stop or lose something; --fix-sql prints the cures as a script.[/]")
            + (counts.Count > 0 ? $" ({string.Join(", ", counts)})" : "");
    }
}
