using System.Diagnostics;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Local.Views;

/// <summary>Shows how far comparisons are: a live line on a terminal; elsewhere a line every five seconds.</summary>
/// <param name="quiet">How long nothing is shown elsewhere than on a terminal.</param>
/// <param name="write">Takes a line that is no result.</param>
internal sealed class ComparisonView(TimeSpan quiet, Action<string> write) : IProgress<ComparisonProgress>
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly PlainLines _lines = new(write);
    private volatile ComparisonProgress? _now;

    public void Report(ComparisonProgress value) => _now = value;

    /// <summary>Shows the progress of a comparison until it ends.</summary>
    /// <param name="table">The source table.</param>
    /// <param name="start">Starts the comparison, which reports to this view.</param>
    public Task<T> WatchAsync<T>(string table, Func<Task<T>> start)
    {
        _now = new ComparisonProgress(table, default, default);
        return Screen.WatchAsync(start(), () => $"{Step(_now!)}: {Counts(_now!)}", ShowPlain);
    }

    private void ShowPlain()
    {
        if (Stopwatch.GetElapsedTime(_began) is var elapsed && elapsed > quiet)
            _lines.Show(Step(_now!), Counts(_now!), elapsed);
    }

    private static string Step(ComparisonProgress now) =>
        now.Differs ? $"looking for the rows of {now.Table} that differ" : $"comparing {now.Table}";

    private static string Counts(ComparisonProgress now) => $"source {Rows(now.Source)}, analytics {Rows(now.Target)}";

    private static string Rows(RowsRead rows) =>
        Screen.Number(rows.Read) + (rows.Expected > 0 ? $" of ~{Screen.Number(Math.Max(rows.Read, rows.Expected))} rows" : " rows");
}
