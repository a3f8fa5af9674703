using CdcDms.Contract.Functions;
using CdcDms.Local.Views.Live;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Views;

/// <summary>Shows what <c>merge</c> does on a terminal; elsewhere its result is all that is shown.</summary>
internal sealed class MergingView
{
    private readonly LiveModel _live = new("rows merged");

    /// <summary>Shows the progress until everything is merged.</summary>
    /// <param name="tables">The source tables.</param>
    /// <param name="start">Starts the merges, which tell this view of themselves.</param>
    public Task<T> WatchAsync<T>(IEnumerable<string> tables, Func<Task<T>> start)
    {
        _live.Begin("merging what is new in the lake");
        _live.Name(tables);
        return LiveView.WatchAsync(start(), _live, showPlain: () => { }, clears: true);
    }

    /// <summary>The merge of a table begins.</summary>
    public void Begin(string table) => _live.Busy(table, "merging");

    /// <summary>A batch was merged.</summary>
    public void Merged(string table, MergeOutput batch) => new WorkflowNews(_live).Happened(new BatchMerged(table, batch));

    /// <summary>The merge of a table has failed.</summary>
    public void Failed(string table, string failure)
    {
        _live.Rest(table, "failed", Tone.Bad);
        _live.Say(failure, Tone.Bad);
    }
}
