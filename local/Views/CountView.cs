using System.Diagnostics;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Status;

namespace CdcDms.Local.Views;

/// <summary>Shows how far the counting of tables is: a live line on a terminal; elsewhere a line every five seconds.</summary>
/// <param name="quiet">How long nothing is shown elsewhere than on a terminal.</param>
/// <param name="write">Takes a line that is no result.</param>
internal sealed class CountView(TimeSpan quiet, Action<string> write) : IProgress<CountProgress>
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly PlainLines _lines = new(write);
    private volatile CountProgress? _now;

    public void Report(CountProgress value) => _now = value;

    /// <summary>Shows the progress of a table until it is counted.</summary>
    /// <param name="table">The source table.</param>
    /// <param name="start">Starts the counting, which reports to this view.</param>
    public Task<T> WatchAsync<T>(TableName table, Func<Task<T>> start)
    {
        _now = new CountProgress(table, 0, 0);
        return Screen.WatchAsync(start(), () => $"{Step(_now!)}: {Counts(_now!)}", ShowPlain);
    }

    private void ShowPlain()
    {
        if (Stopwatch.GetElapsedTime(_began) is var elapsed && elapsed > quiet)
            _lines.Show(Step(_now!), Counts(_now!), elapsed);
    }

    private static string Step(CountProgress now) => $"counting {now.Table}";

    private static string Counts(CountProgress now) => now.Files == 0 ? "looking at all places"
        : $"{Screen.Number(now.ReadFiles)} of {Screen.Count(now.Files, "file")} of the lake";
}
