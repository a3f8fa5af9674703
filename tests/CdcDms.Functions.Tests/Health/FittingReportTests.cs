using CdcDms.Functions.Health;

namespace CdcDms.Functions.Tests.Health;

/// <summary>What of a large report a workflow's state holds, and what is said of the rest.</summary>
public class FittingReportTests
{
    [Fact]
    public void A_report_that_fits_is_told_whole()
    {
        var report = Report(parked: 60, unproven: 40, tables: 3);

        var fitting = FittingReport.Of(report);

        Assert.Equal(report.Findings, fitting.Findings);
        Assert.Equal(3, fitting.Tables.Count);
        Assert.Null(fitting.LeftOut);
        Assert.DoesNotContain(" more", HealthMessage.Of(fitting), StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_that_are_left_out_are_counted_in_the_report_and_in_the_message()
    {
        var fitting = FittingReport.Of(Report(parked: 130, unproven: 70, tables: 1));

        Assert.Equal(100, fitting.Findings.Count);
        Assert.Equal(new HealthLeftOut(Critical: 31, Warnings: 69, Tables: 0), fitting.LeftOut);
        var message = HealthMessage.Of(fitting);
        Assert.StartsWith("130 critical, 70 to look at in the morning:", message, StringComparison.Ordinal);
        Assert.Contains(
            "- 100 more, 31 of them critical: the log of the function health has each.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_finding_of_each_section_and_severity_stays_and_the_worst_come_first()
    {
        var report = Report(parked: 150, unproven: 150, tables: 1);
        var last = new HealthFinding(HealthSeverity.Warning, "certificate-ends", "It ends.");

        var fitting = FittingReport.Of(report with { Findings = [.. report.Findings, last] });

        Assert.Equal(["parked-table", "unproven", "certificate-ends"], fitting.Findings.Select(finding => finding.Runbook).Distinct());
        Assert.Equal(last, fitting.Findings[^1]);
        Assert.Equal(new HealthLeftOut(Critical: 52, Warnings: 149, Tables: 0), fitting.LeftOut);
    }

    [Fact]
    public void Tables_that_are_left_out_are_counted_and_those_with_a_finding_stay()
    {
        var report = Report(parked: 1, unproven: 0, tables: 2000);

        var fitting = FittingReport.Of(report with { Tables = [.. report.Tables.Reverse()] });

        Assert.Equal("public.parked0", fitting.Tables[0].Table);
        Assert.InRange(fitting.Tables.Count, 100, 1999);
        Assert.Equal(new HealthLeftOut(0, 0, 2000 - fitting.Tables.Count), fitting.LeftOut);
    }

    private static HealthReport Report(int parked, int unproven, int tables) => new()
    {
        CheckedUtc = DateTime.UnixEpoch,
        Findings =
        [
            .. Enumerable.Range(0, parked).Select(number => new HealthFinding(
                HealthSeverity.Critical, "parked-table", "It is parked.", $"public.parked{number}")),
            .. Enumerable.Range(0, unproven).Select(number => new HealthFinding(
                HealthSeverity.Warning, "unproven", "Nobody knows.", $"public.unproven{number}")),
        ],
        Tables =
        [
            .. Enumerable.Range(0, tables).Select(number => new TableHealth
            {
                Table = $"public.parked{number}", Target = "a.b", State = "replicating",
            }),
        ],
    };
}
