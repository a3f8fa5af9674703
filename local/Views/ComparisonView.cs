using System.Diagnostics;
using CdcDms.Pipeline.Validation;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>Shows how far comparisons are: a live line on a terminal; elsewhere a line every five seconds.</summary>
/// <param name="quiet">How long nothing is shown elsewhere than on a terminal.</param>
/// <param name="write">Takes a line that is no result.</param>
internal sealed class ComparisonView(TimeSpan quiet, Action<string> write) : IProgress<ComparisonProgress>
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly PlainLines _lines = new(write);
    private volatile ComparisonProgress? _now;

    public void Report(ComparisonProgress value) => _now = value;

    /// <summary>Shows the progress of a comparison until it ends.</summary>
    /// <param name="table">The source table.</param>
    /// <param name="start">Starts the comparison, which reports to this view.</param>
    public async Task<T> WatchAsync<T>(string table, Func<Task<T>> start)
    {
        _now = new ComparisonProgress(table, default, default);
        var work = start();
        if (Screen.IsTerminal)
            await AnsiConsole.Status().Spinner(Spinner.Known.Dots).StartAsync(
                Screen.Cell(Line()), context => UntilAsync(work, () => context.Status = Screen.Cell(Line())));
        else
            await UntilAsync(work, ShowPlain);
        return await work;
    }

    private static async Task UntilAsync(Task work, Action show)
    {
        while (await Task.WhenAny(work, Task.Delay(Refresh)) != work)
            show();
    }

    private void ShowPlain()
    {
        if (Stopwatch.GetElapsedTime(_began) is var elapsed && elapsed > quiet)
            _lines.Show(Step(_now!), Counts(_now!), elapsed);
    }

    private string Line() => $"{Step(_now!)}: {Counts(_now!)}";

    private static string Step(ComparisonProgress now) =>
        now.Differs ? $"looking for the rows of {now.Table} that differ" : $"comparing {now.Table}";

    private static string Counts(ComparisonProgress now) => $"source {Rows(now.Source)}, analytics {Rows(now.Target)}";

    private static string Rows(RowsRead rows) =>
        Screen.Number(rows.Read) + (rows.Expected > 0 ? $" of ~{Screen.Number(Math.Max(rows.Read, rows.Expected))} rows" : " rows");
}
