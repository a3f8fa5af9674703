using System.Diagnostics;
using CdcDms.Contract.Functions;
using CdcDms.Local.Views.Live;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Views;

/// <summary>
/// Shows an execution on this machine: a live view on a terminal; elsewhere a line for what was done, and every five seconds one for what
/// is under way, on stderr.
/// </summary>
internal sealed class ExecutionNews
{
    private const int MostNamed = 3;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly LiveModel _live = new("rows merged");
    private readonly WorkflowNews _news;
    private readonly PlainLines _lines = new(Screen.Note);
    private readonly bool _json;
    private string _step = "";

    /// <param name="tables">The source tables.</param>
    /// <param name="json">Whether a program reads stdout.</param>
    public ExecutionNews(IEnumerable<string> tables, bool json)
    {
        (_news, _json) = (new WorkflowNews(_live), json);
        _live.Name(tables);
    }

    /// <summary>Shows it until it has ended.</summary>
    /// <param name="step">What it does.</param>
    /// <param name="start">Starts the execution, whose events this view is told.</param>
    public Task<WorkflowResult> WatchAsync(string step, Func<Task<WorkflowResult>> start)
    {
        _live.Begin(_step = step);
        return LiveView.WatchAsync(start(), _live, ShowPlain, json: _json);
    }

    /// <summary>An event has happened.</summary>
    public void Happened(WorkflowEvent happened)
    {
        // Markers are merged before the tables are begun.
        if (happened is StateEntered { Table: var table, State: var state })
            _live.Begin(table is null && state == WorkflowNames.MergeMarkersState ? "merging markers" : _step);
        _news.Happened(happened);
        if (Screen.IsLive && !_json)
            return;
        foreach (var (text, _) in WorkflowNews.Lines(happened))
            if (_json)
                Screen.Note(text);
            else
                Screen.Line(text);
    }

    private void ShowPlain()
    {
        var busy = _live.Read().Tables.Where(table => table.IsBusy).ToList();
        if (busy.Count > 0 && Stopwatch.GetElapsedTime(_began) is var elapsed && elapsed > Quiet)
            _lines.Show("under way", Named(busy), elapsed);
    }

    private static string Named(List<LiveTable> busy) =>
        string.Join(", ", busy.Take(MostNamed).Select(table => $"{table.Name} ({table.State})"))
        + (busy.Count > MostNamed ? $" and {Screen.Number(busy.Count - MostNamed)} more" : "");
}
