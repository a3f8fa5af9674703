using CdcDms.Local.Capture;
using CdcDms.Local.Demo;

namespace CdcDms.Local.Tests.Commands;

/// <summary>What <c>demo</c> and <c>up</c> hear of their capture.</summary>
public sealed class DemoProgressTests
{
    [Fact]
    public void A_warning_of_the_capture_is_shown_once()
    {
        var progress = new DemoProgress();
        var step = new CaptureProgress { Phase = CapturePhase.Stream, Totals = new CaptureTotals(1, 2, 3) };
        progress.Report(step);
        progress.Report(step with { Warning = "public.t may differ." });

        Assert.Equal("public.t may differ.", progress.NextWarning());
        Assert.Null(progress.NextWarning());
    }
}
