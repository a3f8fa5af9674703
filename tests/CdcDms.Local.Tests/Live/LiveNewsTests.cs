using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.Capture;
using CdcDms.Local.Views.Live;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Tests.Live;

/// <summary>What becomes of a table's line by what executions and captures tell.</summary>
public sealed class LiveNewsTests
{
    private static readonly MergeOutput Merged = new()
    {
        Table = "public.t",
        Files = 3,
        Bytes = 9,
        Rows = new RowCounts { Read = 1204, Inserted = 1204 },
        Phases = new MergePhases { MergeSeconds = 1.2 },
        Ways = [MergeWay.Staged],
        More = false,
    };

    private readonly LiveModel _model = new("rows");
    private readonly WorkflowNews _news;

    public LiveNewsTests()
    {
        _model.Name(["public.t"]);
        _news = new WorkflowNews(_model);
    }

    private LiveTable Table => Assert.Single(_model.Read().Tables);

    private IEnumerable<string> Log => _model.Read().Log.Select(line => line.Text);

    [Fact]
    public void A_batch_is_under_way_and_then_counted_and_told_once()
    {
        _news.Happened(new StateEntered("table", "public.t", "Merge"));
        Assert.Equal(("merging", true), (Table.State, Table.IsBusy));
        _news.Happened(new BatchMerged("public.t", Merged with { More = true }));
        Assert.Equal(("merging", 1204), (Table.State, Table.Done));
        _news.Happened(new StateEntered("table", "public.t", "MoreFiles"));
        _news.Happened(new BatchMerged("public.t", Merged));

        Assert.Equal(("merged", false, 2408), (Table.State, Table.IsBusy, Table.Done));
        Assert.Equal(
            ["public.t: merged 1,204 rows of 3 files in 1.2 s; more wait", "public.t: merged 1,204 rows of 3 files in 1.2 s"], Log);
    }

    [Fact]
    public void Batches_without_anything_new_and_reads_for_proofs_are_not_told()
    {
        _news.Happened(new BatchMerged("public.t", Merged with { Files = 0, Ways = [], Rows = new RowCounts() }));
        _news.Happened(new ProofAsked(new ProveOutput { Table = "public.t", Keys = 1000 }));

        Assert.Empty(Log);
        Assert.Equal("merged", Table.State);
    }

    [Fact]
    public void What_was_put_aside_and_what_differs_is_told()
    {
        _news.Happened(new BatchMerged("public.t", Merged with { Rows = new RowCounts { Read = 3, Inserted = 1, Quarantined = 2 } }));
        Assert.Equal(("quarantined rows", Tone.Warning), (Table.State, Table.Tone));
        _news.Happened(new BatchMerged("public.t", Merged with { Proofs = new JudgedProofs { Proofs = 2, KeysDifferent = 1 } }));

        Assert.Equal(("differs", Tone.Bad), (Table.State, Table.Tone));
        Assert.Contains("public.t: 2 changes put into the quarantine (look at quarantine list)", Log);
        Assert.Contains("public.t: 2 proofs judged: 1 key differed", Log);
    }

    [Fact]
    public void A_failure_is_told_with_its_cause_and_the_retry_after_it()
    {
        _news.Happened(new TaskErred("table", "public.t", "Merge", "Unavailable", """{"errorMessage":"It is down."}"""));
        Assert.Equal(("failed", Tone.Bad, false), (Table.State, Table.Tone, Table.IsBusy));
        _news.Happened(new TaskRetried("table", "public.t", "Merge", 1));

        Assert.Equal(("merging, attempt 2", true), (Table.State, Table.IsBusy));
        Assert.Equal(["public.t: merging what is new failed: It is down.", "public.t: merging what is new again (attempt 2)"], Log);
    }

    [Fact]
    public void A_parked_table_is_called_so()
    {
        _news.Happened(new TaskErred("table", "public.t", "Merge", nameof(ErrorKind.Parked), """{"errorMessage":"It is parked."}"""));

        Assert.Equal("parked", Table.State);
    }

    [Fact]
    public void A_table_is_loaded_and_then_captured()
    {
        var news = new CaptureNews(_model);
        var step = new CaptureProgress { Phase = CapturePhase.Snapshot, Totals = new CaptureTotals(0, 0, 0) };
        var name = TableName.Parse("public.t");
        news.Report(step with { Table = new CapturedStep(name, Expected: 100) });
        news.Report(step with { Table = new CapturedStep(name, 120) });
        Assert.Equal(("loading", 120, 120), (Table.State, Table.Done, Table.Total));
        news.Report(step with { Table = new CapturedStep(name, IsLoaded: true) });
        Assert.Equal(("loaded", false, null), (Table.State, Table.IsBusy, Table.Total));

        var newest = new DateTime(2026, 5, 4, 12, 0, 0, DateTimeKind.Utc);
        var change = new CapturedStep(name, 5);
        news.Report(step with { Phase = CapturePhase.Stream, LastCommitUtc = newest, Table = change, Warning = "Look." });
        Assert.Equal(("captured", 125, newest), (Table.State, Table.Done, Table.NewestUtc));
        Assert.Equal("Look.", _model.NextWarning());
    }
}
