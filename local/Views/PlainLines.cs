namespace CdcDms.Local.Views;

/// <summary>
/// Lines of a progress that nobody can overwrite: one at each new step, and one for new counts at most every five seconds.
/// </summary>
/// <param name="write">Takes a line.</param>
internal sealed class PlainLines(Action<string> write)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private string? _step;
    private string _counts = "";
    private TimeSpan _next;

    /// <summary>Writes a line if there is something new to say.</summary>
    /// <param name="step">What happens now.</param>
    /// <param name="counts">What has happened so far; may be empty.</param>
    /// <param name="now">The time since whenever.</param>
    public void Show(string step, string counts, TimeSpan now)
    {
        if (step == _step && (counts == _counts || now < _next))
            return;
        (_step, _counts, _next) = (step, counts, now + Pause);
        write(counts.Length == 0 ? step : $"{step}: {counts}");
    }
}
