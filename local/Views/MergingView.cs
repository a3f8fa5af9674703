using System.Diagnostics;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.Views.Live;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Views;

/// <summary>Shows what <c>merge</c> does: a live view on a terminal; elsewhere a line every five seconds.</summary>
/// <param name="quiet">How long nothing is shown elsewhere than on a terminal.</param>
/// <param name="write">Takes a line that is no result.</param>
internal sealed class MergingView(TimeSpan quiet, Action<string> write)
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly PlainLines _lines = new(write);
    private readonly LiveModel _live = new("rows merged");
    private volatile MergeSummary? _now;

    /// <summary>Shows the progress until everything is merged.</summary>
    /// <param name="tables">The source tables.</param>
    /// <param name="start">Starts the merges, which tell this view of themselves.</param>
    public Task<T> WatchAsync<T>(IEnumerable<string> tables, Func<Task<T>> start)
    {
        _live.Begin("merging what is new in the lake");
        _live.Name(tables);
        return LiveView.WatchAsync(start(), _live, ShowPlain, clears: true);
    }

    /// <summary>The merge of a table begins.</summary>
    public void Begin(string table)
    {
        _now = new MergeSummary(table, 0, 0, new RowCounts());
        _live.Busy(table, "merging");
    }

    /// <summary>A batch was merged.</summary>
    public void Merged(MergeOutput batch, MergeSummary total)
    {
        _now = total;
        new WorkflowNews(_live).Happened(new BatchMerged(total.Table, batch));
    }

    /// <summary>The merge of a table has failed.</summary>
    public void Failed(string table, string failure)
    {
        _live.Rest(table, "failed", Tone.Bad);
        _live.Say(failure, Tone.Bad);
    }

    private void ShowPlain()
    {
        if (_now is { } now && Stopwatch.GetElapsedTime(_began) is var elapsed && elapsed > quiet)
            _lines.Show(
                $"merging {now.Table}", $"{Screen.Count(now.Rows.Read, "row")} of {Screen.Count(now.Files, "file")} so far", elapsed);
    }
}
