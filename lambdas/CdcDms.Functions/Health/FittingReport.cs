using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;

namespace CdcDms.Functions.Health;

/// <summary>
/// As much of a report as a state of a workflow holds. What is left out is counted, and of each section of the runbook a finding of each
/// severity stays.
/// </summary>
internal static class FittingReport
{
    // A state holds 256 KiB (AWS: Step Functions quotas), and a finding stands in it twice: in the report and in its text.
    private const int MostBytes = 64 * 1024;
    private const int MostFindings = 100;
    private const int MostLetters = 500;

    /// <summary>The report, cut; itself when all of it fits.</summary>
    public static HealthReport Of(HealthReport report)
    {
        var findings = Findings(report.Findings);
        var tables = Tables(report);
        var leftOut = new HealthLeftOut(
            LeftOut(HealthSeverity.Critical), LeftOut(HealthSeverity.Warning), report.Tables.Count - tables.Count);
        return report with
        {
            Findings = [.. findings.Select(finding => finding with { Reason = finding.Reason.Cut(MostLetters) })],
            Tables = tables,
            LeftOut = leftOut is { Critical: 0, Warnings: 0, Tables: 0 } ? null : leftOut,
        };

        int LeftOut(HealthSeverity severity) =>
            report.Findings.Count(one => one.Severity == severity) - findings.Count(one => one.Severity == severity);
    }

    // The first of each section, then the others in their order.
    private static List<HealthFinding> Findings(IReadOnlyList<HealthFinding> all)
    {
        var placed = all.Index().ToList();
        var first = placed.DistinctBy(one => (one.Item.Severity, one.Item.Runbook)).ToList();
        var others = placed.Except(first).Take(Math.Max(0, MostFindings - first.Count));
        return [.. first.Concat(others).OrderBy(one => one.Index).Select(one => one.Item)];
    }

    // Of tables with a finding first.
    private static List<TableHealth> Tables(HealthReport report)
    {
        var left = MostBytes;
        var found = report.Findings.Select(finding => finding.Table).ToHashSet();
        return [.. report.Tables.OrderByDescending(table => found.Contains(table.Table)).TakeWhile(table => (left -= Bytes(table)) >= 0)];
    }

    private static int Bytes(TableHealth table) => JsonSerializer.SerializeToUtf8Bytes(table, ContractJson.Default.TableHealth).Length;
}
