using CdcDms.Local.Capture;

namespace CdcDms.Local.Views.Live;

/// <summary>What a capture does, told to a live view whose tables are loaded and then followed.</summary>
/// <param name="model">Is told.</param>
internal sealed class CaptureNews(LiveModel model) : IProgress<CaptureProgress>
{
    public void Report(CaptureProgress value)
    {
        if (value.Warning is { } warning)
            model.Warn(warning);
        model.Begin(value.Phase is CapturePhase.Snapshot
            ? "reading every row, beside the changes" : "capturing changes as they are committed");
        if (value.Table is not { } table)
            return;
        var newest = value.Phase is CapturePhase.Stream ? value.LastCommitUtc : null;
        model.Change(table.Name.ToString(), one => table switch
        {
            { Expected: { } expected } => one with { State = "loading", IsBusy = true, Total = expected == 0 ? null : expected },
            { IsLoaded: true } => one with { State = "loaded", IsBusy = false, Tone = Tone.Good, Total = null },
            _ => Written(one, table.Rows, newest),
        });
    }

    private static LiveTable Written(LiveTable table, long rows, DateTime? newestUtc)
    {
        var done = (table.Done ?? 0) + rows;
        return table with
        {
            Done = done,
            // What the server expects is an estimate.
            Total = table.Total is { } total ? Math.Max(total, done) : null,
            NewestUtc = newestUtc ?? table.NewestUtc,
            State = newestUtc is null ? table.State : "captured",
            Tone = newestUtc is null ? table.Tone : Tone.Good,
        };
    }
}
