using System.Diagnostics;
using CdcDms.Local.Views.Live;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Local.Views;

/// <summary>Shows how far comparisons are: a live view on a terminal; elsewhere a line every five seconds.</summary>
/// <param name="quiet">How long nothing is shown elsewhere than on a terminal.</param>
/// <param name="write">Takes a line that is no result.</param>
internal sealed class ComparisonView(TimeSpan quiet, Action<string> write) : IProgress<ComparisonProgress>
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly PlainLines _lines = new(write);
    private readonly LiveModel _live = new("rows read on both sides");
    private volatile ComparisonProgress? _now;

    public void Report(ComparisonProgress value)
    {
        _now = value;
        _live.Change(value.Table, one => one with
        {
            State = value.Differs ? "looking for rows" : "comparing",
            IsBusy = true,
            Done = value.Source.Read + value.Target.Read,
            Total = value is { Source.Expected: > 0, Target.Expected: > 0 } ? Most(value.Source) + Most(value.Target) : null,
        });
    }

    /// <summary>Shows the progress of all comparisons until the last one has ended.</summary>
    /// <param name="tables">The source tables.</param>
    /// <param name="start">Starts the comparisons, which tell this view of themselves.</param>
    public Task<T> WatchAsync<T>(IEnumerable<string> tables, Func<Task<T>> start)
    {
        _live.Begin("comparing source and analytics");
        _live.Name(tables);
        return LiveView.WatchAsync(start(), _live, ShowPlain, clears: true);
    }

    /// <summary>The comparison of a table begins.</summary>
    public void Begin(string table) => Report(new ComparisonProgress(table, default, default));

    /// <summary>The comparison of a table has ended.</summary>
    /// <param name="table">The table.</param>
    /// <param name="identical">Whether both sides have the same rows; null when that is not known.</param>
    public void End(string table, bool? identical) => _live.Rest(
        table,
        identical switch { true => "equal", false => "differs", _ => "not compared" },
        identical is true ? Tone.Good : Tone.Bad);

    private void ShowPlain()
    {
        if (_now is { } now && Stopwatch.GetElapsedTime(_began) is var elapsed && elapsed > quiet)
            _lines.Show(Step(now), Counts(now), elapsed);
    }

    private static string Step(ComparisonProgress now) =>
        now.Differs ? $"looking for the rows of {now.Table} that differ" : $"comparing {now.Table}";

    private static string Counts(ComparisonProgress now) => $"source {Rows(now.Source)}, analytics {Rows(now.Target)}";

    private static string Rows(RowsRead rows) =>
        Screen.Number(rows.Read) + (rows.Expected > 0 ? $" of ~{Screen.Number(Most(rows))} rows" : " rows");

    // What the server expects is an estimate.
    private static long Most(RowsRead rows) => Math.Max(rows.Read, rows.Expected);
}
