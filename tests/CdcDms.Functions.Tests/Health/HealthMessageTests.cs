using CdcDms.Functions.Health;

namespace CdcDms.Functions.Tests.Health;

/// <summary>The text of the daily message.</summary>
public class HealthMessageTests
{
    [Fact]
    public void Each_finding_leads_to_its_section_of_the_runbook_that_the_environment_names()
    {
        var report = new HealthReport
        {
            CheckedUtc = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            RunbookPage = "https://wiki.example.com/runbook",
            Findings =
            [
                new(HealthSeverity.Critical, "parked-table", "public.orders is parked."),
                new(HealthSeverity.Warning, "certificate-ends", "It ends."),
            ],
            Secrets = [new("source", new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), RotationDueUtc: null)],
            Tables = [],
        };

        var text = HealthMessage.Of(report);

        Assert.Contains(
            "- [critical] public.orders is parked. Runbook: https://wiki.example.com/runbook#parked-table", text, StringComparison.Ordinal);
        Assert.Contains(
            "- [warning] It ends. Runbook: https://wiki.example.com/runbook#certificate-ends", text, StringComparison.Ordinal);
        Assert.Contains(
            "Secret of the source database: last changed on 2026-01-01, not rotated by itself.", text, StringComparison.Ordinal);
    }
}
