using CdcDms.Contract.Functions;
using CdcDms.Local.Views;

namespace CdcDms.Local.Tests.Commands;

/// <summary>What is shown of a look at the pipeline.</summary>
public sealed class HealthViewTests
{
    private static readonly HealthReport Whole = new()
    {
        CheckedUtc = new DateTime(2026, 11, 26, 22, 30, 15, DateTimeKind.Utc),
        Findings = [new HealthFinding(HealthSeverity.Critical, "parked-tables", "public.orders is parked.")],
        Tables = [],
    };

    [Fact]
    public void What_an_answer_left_out_is_told_and_counted()
    {
        var cut = Whole with { LeftOut = new HealthLeftOut(200, 1, 12) };

        Assert.Equal(
            "Left out here, as an answer holds no more: 200 critical, 1 warning and 12 tables. The log of the function has all.",
            HealthView.LeftOut(cut));
        Assert.Equal(202, HealthView.Findings(cut));
    }

    [Fact]
    public void Of_a_whole_answer_nothing_is_said()
    {
        Assert.Null(HealthView.LeftOut(Whole));
        Assert.Equal(1, HealthView.Findings(Whole));
    }
}
