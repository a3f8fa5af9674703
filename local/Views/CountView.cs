using System.Diagnostics;
using CdcDms.Contract.Tables;
using CdcDms.Local.Views.Live;
using CdcDms.Pipeline.Status;

namespace CdcDms.Local.Views;

/// <summary>Shows how far the counting of tables is: a live view on a terminal; elsewhere a line every five seconds.</summary>
/// <param name="quiet">How long nothing is shown elsewhere than on a terminal.</param>
/// <param name="write">Takes a line that is no result.</param>
internal sealed class CountView(TimeSpan quiet, Action<string> write) : IProgress<CountProgress>
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly PlainLines _lines = new(write);
    private readonly LiveModel _live = new("files read");
    private volatile CountProgress? _now;

    public void Report(CountProgress value)
    {
        _now = value;
        _live.Change(value.Table.ToString(), one => one with
        {
            State = "counting",
            IsBusy = true,
            Done = value.Files == 0 ? null : value.ReadFiles,
            Total = value.Files == 0 ? null : value.Files,
        });
    }

    /// <summary>Shows the progress of all tables until the last one is counted.</summary>
    /// <param name="tables">The source tables.</param>
    /// <param name="start">Starts the counting, which tells this view of itself.</param>
    public Task<T> WatchAsync<T>(IEnumerable<TableName> tables, Func<Task<T>> start)
    {
        _live.Begin("counting rows at all places");
        _live.Name(tables.Select(table => table.ToString()));
        return LiveView.WatchAsync(start(), _live, ShowPlain, clears: true);
    }

    /// <summary>The counting of a table begins.</summary>
    public void Begin(TableName table) => Report(new CountProgress(table, 0, 0));

    /// <summary>The counting of a table has ended.</summary>
    public void End(TableName table, bool isCounted) =>
        _live.Rest(table.ToString(), isCounted ? "counted" : "not counted", isCounted ? Tone.Good : Tone.Bad);

    private void ShowPlain()
    {
        if (_now is { } now && Stopwatch.GetElapsedTime(_began) is var elapsed && elapsed > quiet)
            _lines.Show($"counting {now.Table}", Counts(now), elapsed);
    }

    private static string Counts(CountProgress now) => now.Files == 0 ? "looking at all places"
        : $"{Screen.Number(now.ReadFiles)} of {Screen.Count(now.Files, "file")} of the lake";
}
