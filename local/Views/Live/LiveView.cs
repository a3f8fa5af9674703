using Spectre.Console;

namespace CdcDms.Local.Views.Live;

/// <summary>Shows what is going on until it ends: on a terminal drawn five times a second, elsewhere by plain lines.</summary>
internal static class LiveView
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    /// <summary>Shows it where stdout goes.</summary>
    /// <param name="work">What goes on.</param>
    /// <param name="model">What it tells.</param>
    /// <param name="showPlain">Called five times a second where stdout is no terminal, or is a program's.</param>
    /// <param name="clears">Whether nothing is left of the view when the work went well, since what is printed then says all of it.</param>
    /// <param name="json">Whether a program reads stdout.</param>
    public static async Task<T> WatchAsync<T>(Task<T> work, LiveModel model, Action showPlain, bool clears = false, bool json = false)
    {
        if (Screen.IsLive && !json)
            await DrawAsync(work, model, AnsiConsole.Console, clears);
        else
            await TellAsync(work, model, showPlain);
        return await work;
    }

    /// <summary>Draws it on a terminal.</summary>
    internal static async Task DrawAsync(Task work, LiveModel model, IAnsiConsole console, bool clears)
    {
        using var region = new LiveRegion(console);
        using var above = Screen.GoesAbove(region);
        // What is over at once is not worth a view.
        for (var number = 0; await Task.WhenAny(work, Task.Delay(Refresh)) != work; number++)
        {
            WriteWarnings();
            region.Draw(LiveFrame.Of(model.Read(), console, number));
        }

        WriteWarnings();
        if (clears && work.IsCompletedSuccessfully)
            region.Clear();
        else
            region.Draw(LiveFrame.Of(model.Read(), console, number: null));

        void WriteWarnings()
        {
            while (model.NextWarning() is { } warning)
                region.Above(console.ToAnsi(new Markup($"[yellow]Warning: {Screen.Cell(warning)}[/]")).TrimEnd('\n'));
        }
    }

    private static async Task TellAsync(Task work, LiveModel model, Action showPlain)
    {
        while (await Task.WhenAny(work, Task.Delay(Refresh)) != work)
        {
            WriteWarnings();
            showPlain();
        }

        WriteWarnings();

        void WriteWarnings()
        {
            while (model.NextWarning() is { } warning)
                Screen.Note($"Warning: {warning}");
        }
    }
}
