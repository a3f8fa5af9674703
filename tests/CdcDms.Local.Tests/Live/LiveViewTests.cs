using System.Collections.Concurrent;
using CdcDms.Local.Tests.Commands;
using CdcDms.Local.Views;
using CdcDms.Local.Views.Live;
using Spectre.Console;
using Spectre.Console.Testing;

namespace CdcDms.Local.Tests.Live;

/// <summary>How a live view and what is printed beside it come onto a terminal, of which a process has one.</summary>
[Collection(nameof(LiveViewTests))]
[CollectionDefinition(nameof(LiveViewTests), DisableParallelization = true)]
public sealed class LiveViewTests : IDisposable
{
    private const string Hide = "\e[?25l", Show = "\e[?25h";

    private readonly TestConsole _console = new TestConsole().Width(60).Height(20).EmitAnsiSequences();
    private readonly LiveModel _model = new("rows");
    private readonly TaskCompletionSource<bool> _work = new();

    public void Dispose() => _console.Dispose();

    [Fact]
    public async Task The_last_view_stays_and_the_cursor_is_there_again_when_the_work_was_ended()
    {
        _model.Begin("merging");
        var view = LiveView.DrawAsync(_work.Task, _model, _console, clears: true);
        await DrawnAsync("merging");
        Assert.DoesNotContain(Show, _console.Output, StringComparison.Ordinal);
        _model.Begin("the last step");
        _work.SetCanceled(TestContext.Current.CancellationToken);
        await view;

        Assert.StartsWith(Hide, _console.Output, StringComparison.Ordinal);
        Assert.Contains("the last step", _console.Output, StringComparison.Ordinal);
        Assert.EndsWith($"\n{Show}", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_of_which_the_result_says_all_is_taken_away_by_it()
    {
        var view = LiveView.DrawAsync(_work.Task, _model, _console, clears: true);
        await DrawnAsync("starting");
        _work.SetResult(true);
        await view;

        Assert.EndsWith($"\r\e[J{Show}", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_is_printed_meanwhile_stays_above_and_unbroken_and_a_warning_too()
    {
        var address = "http://127.0.0.1:5000/?token=" + new string('t', 60);
        var view = LiveView.DrawAsync(_work.Task, _model, _console, clears: false);
        await DrawnAsync("starting");
        Screen.Line(address);
        _model.Warn("[red]public.t may differ.");
        await DrawnAsync("public.t may differ.");
        _work.SetResult(true);
        await view;

        Assert.Contains($"\e[J{address}\n", _console.Output, StringComparison.Ordinal);
        Assert.Contains("Warning: [red]public.t may differ.", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_is_drawn_over_the_one_before_also_after_the_terminal_has_become_narrower()
    {
        using var region = new LiveRegion(_console);
        region.Draw(new Rows(new Text("one"), new Text(new string('x', 50))));
        region.Draw(new Rows(new Text("two"), new Text(new string('x', 50))));
        Assert.Contains("\r\e[1Atwo", _console.Output, StringComparison.Ordinal);

        _console.Width(30);
        region.Draw(new Text("three"));
        Assert.Contains("\r\e[2Athree\e[J", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_stdout_is_no_terminal_nothing_is_drawn_and_plain_lines_are_told()
    {
        var lines = new ConcurrentQueue<string>();
        var plain = new PlainLines(lines.Enqueue);
        _model.Begin("merging");
        var view = LiveView.WatchAsync(_work.Task, _model, () => plain.Show(_model.Step, "", TimeSpan.Zero));
        await CommandLine.WaitUntilAsync(() => Task.FromResult(!lines.IsEmpty));
        _work.SetResult(true);

        Assert.True(await view);
        Assert.Equal(["merging"], lines);
    }

    private Task DrawnAsync(string text) =>
        CommandLine.WaitUntilAsync(() => Task.FromResult(_console.Output.Contains(text, StringComparison.Ordinal)));
}
