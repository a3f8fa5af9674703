using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.Views;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Tests.Commands;

public sealed class WorkflowViewTests
{
    private static readonly MergeOutput Merged = new()
    {
        Table = "public.t",
        Files = 2,
        Bytes = 9,
        Rows = new RowCounts { Read = 1200 },
        Phases = new MergePhases { FetchSeconds = 0.05, CopySeconds = 0.25, MergeSeconds = 0.5 },
        Ways = [MergeWay.Staged],
        More = true,
    };

    [Fact]
    public void What_is_done_is_told_in_words_and_what_only_begins_is_not_told()
    {
        WorkflowEvent[] events =
        [
            new StateEntered("batch", null, "MergeTable"),
            new StateEntered("table", "public.t", "Plan"),
            new StateEntered("table", "public.t", "FirstLoad"),
            new StateEntered("table", "public.t", "Merge"),
            new BatchMerged("public.t", Merged),
            new BatchMerged("public.t", Merged with { Files = 0 }),
            new BatchMerged("public.t", Merged with { Files = 0, Ways = [], Rows = new RowCounts(), More = false }),
            new TaskErred("table", "public.t", "Prove", "Unavailable", """{"errorType":"Unavailable","errorMessage":"It is down."}"""),
            new TaskRetried("table", "public.t", "Prove", 1),
            new ProofAsked(new ProveOutput { Table = "public.t", Keys = 1 }),
            new ProofAsked(new ProveOutput { Table = "public.t", Keys = 0 }),
            new ProofAsked(new ProveOutput { Table = "public.t", Keys = 0, Unprovable = "No row of public.t can be proven: no key." }),
        ];

        Assert.Equal(
            [
                "public.t: merged 1,200 rows of 2 files in 0.8 s (copy 0.25, merge 0.5); more wait",
                "public.t: merged 1,200 rows of a part of a file in 0.8 s (copy 0.25, merge 0.5); more wait",
                "public.t: nothing new",
                "public.t: reading rows for a proof failed: It is down.",
                "public.t: reading rows for a proof again (attempt 2)",
                "public.t: read 1 row for a proof",
                "public.t: no row to prove",
                "No row of public.t can be proven: no key.",
            ],
            events.Select(happened => WorkflowView.Line(happened)).Where(line => line is not null));
    }

    [Fact]
    public void The_phases_of_all_batches_are_added_up()
    {
        var totals = new WorkflowTotals();
        totals.Add(new BatchMerged("public.t", Merged));
        totals.Add(new BatchMerged("public.t", Merged));

        var report = totals.Report(new WorkflowSucceeded([]), []);

        Assert.Equal((2, new MergePhases { FetchSeconds = 0.1, CopySeconds = 0.5, MergeSeconds = 1 }), (report.Batches, report.Phases));
    }
}
