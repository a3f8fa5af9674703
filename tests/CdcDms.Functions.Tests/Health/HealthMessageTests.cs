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
            Findings =
            [
                new(HealthSeverity.Critical, "parked-table", "public.orders is parked."),
                new(HealthSeverity.Warning, "certificate-ends", "It ends."),
            ],
            Tables = [],
        };

        var text = HealthMessage.Of(report, "https://wiki.example.com/runbook");

        Assert.Contains(
            "- [critical] public.orders is parked. Runbook: https://wiki.example.com/runbook#parked-table", text, StringComparison.Ordinal);
        Assert.Contains(
            "- [warning] It ends. Runbook: https://wiki.example.com/runbook#certificate-ends", text, StringComparison.Ordinal);
    }
}
