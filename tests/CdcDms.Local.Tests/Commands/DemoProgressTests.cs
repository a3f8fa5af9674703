using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.Capture;
using CdcDms.Local.Commands;
using CdcDms.Local.Demo;
using CdcDms.Local.Views;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Tests.Commands;

/// <summary>What <c>demo</c> and <c>up</c> hear of their capture.</summary>
public sealed class DemoProgressTests
{
    private static readonly MergeOutput Merged = new() { Table = "public.t", Files = 1, Bytes = 1, Rows = new RowCounts(), More = false };

    [Fact]
    public void A_warning_of_the_capture_is_shown_once()
    {
        var progress = new DemoProgress();
        var step = new CaptureProgress { Phase = CapturePhase.Stream, Totals = new CaptureTotals(1, 2, 3) };
        progress.Report(step);
        progress.Report(step with { Warning = "public.t may differ." });

        Assert.Equal("public.t may differ.", progress.Live.NextWarning());
        Assert.Null(progress.Live.NextWarning());
    }

    [Fact]
    public void The_age_is_that_of_the_newest_merged_change_and_is_told_while_writers_write()
    {
        var progress = new DemoProgress();
        Assert.Null(progress.Read().Age);

        progress.Happened(new BatchMerged("public.t", Merged with { LastCommitUtc = DateTime.UtcNow.AddSeconds(-60) }));
        progress.Happened(new BatchMerged("public.t", Merged with { LastCommitUtc = DateTime.UtcNow.AddSeconds(-1000) }));

        Assert.InRange(progress.Read().Age!.Value.TotalSeconds, 60, 120);
        progress.WritingEnded();
        Assert.Null(progress.Read().Age);
    }

    [Fact]
    public void Before_the_first_merge_of_rows_the_demo_says_that_it_waits_for_one()
    {
        var progress = new DemoProgress();
        Assert.Equal("", progress.Counts());

        progress.Report(new CaptureProgress { Phase = CapturePhase.Stream, Totals = new CaptureTotals(1000, 2, 3) });
        progress.Happened(new BatchMerged("public.t", Merged));
        Assert.Equal("captured 1,000 rows and 2 changes in 3 files, waiting for the first merge", progress.Counts());

        progress.Happened(new BatchMerged("public.t", Merged with { Rows = new RowCounts { Read = 1000, Inserted = 1000 } }));
        Assert.Equal("captured 1,000 rows and 2 changes in 3 files, merged 1,000 rows", progress.Counts());

        progress.Happened(new BatchMerged("public.t", Merged with { LastCommitUtc = DateTime.UtcNow.AddSeconds(-60) }));
        Assert.Matches("merged 1,000 rows, the newest merged change is 6. s old$", progress.Counts());
    }

    [Fact]
    public void A_line_is_written_at_each_step_and_for_new_counts_at_most_every_five_seconds()
    {
        List<string> lines = [];
        var plain = new PlainLines(lines.Add);
        (string Step, string Counts, double Seconds)[] shown =
        [
            ("filling", "", 0), ("filling", "", 60), ("merging", "1 row", 61), ("merging", "2 rows", 62), ("merging", "3 rows", 66.1),
            ("merging", "3 rows", 99), ("comparing", "3 rows", 99.1),
        ];

        foreach (var (step, counts, seconds) in shown)
            plain.Show(step, counts, TimeSpan.FromSeconds(seconds));

        Assert.Equal(["filling", "merging: 1 row", "merging: 3 rows", "comparing: 3 rows"], lines);
    }

    [Fact]
    public void A_demo_in_which_no_proof_was_judged_says_so()
    {
        var report = new DemoReport(true, [], 1000, 60, 5, 1051, 1020, 3, 20, 8, 0, 9, 0, 0, 0, 12.5, null);

        Assert.Contains(
            DemoCommand.Lines(report), line => line.StartsWith("Proven while writers wrote: nothing,", StringComparison.Ordinal));
        Assert.Contains(
            DemoCommand.Lines(report with { ProofsJudged = 4, KeysNotJudged = 7 }),
            line => line.StartsWith(
                "Proven while writers wrote: 4 proofs of rows that were just merged; 0 keys differed, 7 keys not judged",
                StringComparison.Ordinal));
        Assert.Contains(DemoCommand.Lines(report), line => line.Contains("9 of these are markers", StringComparison.Ordinal));
    }
}
