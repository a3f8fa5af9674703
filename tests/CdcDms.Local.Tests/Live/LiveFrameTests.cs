using CdcDms.Local.Views.Live;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;
using Spectre.Console.Testing;

namespace CdcDms.Local.Tests.Live;

/// <summary>What a live view draws.</summary>
public sealed class LiveFrameTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero));
    private readonly LiveModel _model;

    public LiveFrameTests() => _model = new LiveModel("rows merged", _clock) { Counts = () => "captured 12,400 rows" };

    [Fact]
    public void Each_table_has_a_line_with_what_is_under_way_a_bar_rows_and_the_age_of_its_newest_change()
    {
        _model.Begin("merging while writers write");
        _model.Name(["public.orders", "public.items"]);
        _model.Busy("public.orders", "merging");
        _model.Change("public.orders", table => table with
        {
            Done = 6200,
            Total = 12400,
            TotalGrows = true,
            NewestUtc = _clock.GetUtcNow().UtcDateTime.AddSeconds(-3),
        });
        _model.Say("public.orders: merged 6,200 rows of 3 files in 1.2 s");
        _clock.Advance(TimeSpan.FromSeconds(65));

        Assert.Equal(
            [
                "⠋ merging while writers write  0:01:05",
                "captured 12,400 rows",
                "",
                "table          now                                         rows merged  newest change",
                "public.orders  merging           ━━━━━━━━━━━━━━━━━━━━  6,200 of 12,400      1 min ago",
                "public.items   waiting",
                "",
                "public.orders: merged 6,200 rows of 3 files in 1.2 s",
            ],
            Draw(120, 35).Select(line => line.Replace($"{_clock.GetUtcNow().AddSeconds(-65).LocalDateTime:HH:mm:ss} ", "")));
    }

    [Fact]
    public void Half_of_the_work_is_half_of_the_bar()
    {
        _model.Name(["public.orders"]);
        _model.Change("public.orders", table => table with { Done = 50, Total = 100 });
        using var console = Console(120, 35);
        console.Profile.Capabilities.Unicode = false;

        Assert.Contains("##########----------    50 of 100", Lines(console)[4], StringComparison.Ordinal);
    }

    [Fact]
    public void A_narrow_terminal_gets_lines_that_fit_and_the_ends_of_long_names()
    {
        _model.Begin("publishing the functions and synthesizing the workflow (once, until the code changes; a minute or two)");
        _model.Name(["a_long_schema.customers_of_the_north", "a_long_schema.customers_of_the_south"]);
        _model.Change("a_long_schema.customers_of_the_north", table => table with
        {
            Done = 1_234_567,
            Total = 12_345_678,
            TotalGrows = true,
            NewestUtc = _clock.GetUtcNow().UtcDateTime,
        });
        _model.Say("a_long_schema.customers_of_the_north: merged 1,234,567 rows of 1,234 files in 12 s");

        foreach (var width in new[] { 20, 40, 60 })
            Assert.All(Draw(width, 20), line => Assert.True(CellText.Width(line) < width, line));
        var lines = Draw(60, 20);
        Assert.Contains(lines, line => line.Contains("_north", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("_south", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith('…'));
    }

    [Fact]
    public void Of_many_tables_those_are_drawn_that_fit_busy_and_newest_first_and_the_others_are_counted()
    {
        _model.Name(Enumerable.Range(1, 60).Select(table => $"public.t{table:00}"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        _model.Rest("public.t40", "merged");
        _model.Busy("public.t50", "merging");
        _model.Rest("public.t55", "failed", Tone.Bad);
        for (var line = 0; line < 9; line++)
            _model.Say("something happened");

        var lines = Draw(80, 20);

        Assert.True(lines.Count < 20);
        var tables = lines.Where(line => line.StartsWith("public.", StringComparison.Ordinal)).Select(line => line[..10]).ToList();
        Assert.Equal(["public.t40", "public.t50", "public.t55"], tables.TakeLast(3));
        Assert.Contains($"and {60 - tables.Count} more", lines);
        Assert.Contains(lines, line => line.EndsWith("something happened", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_height_has_a_frame_that_fits()
    {
        _model.Name(Enumerable.Range(1, 60).Select(table => $"public.t{table:00}"));
        for (var line = 0; line < 9; line++)
            _model.Say("something happened", Tone.Bad);

        for (var height = 4; height < 100; height++)
            Assert.InRange(Draw(60, height).Count, 1, height - 1);
    }

    [Fact]
    public void Names_and_texts_are_drawn_as_they_are_and_obeyed_by_nobody()
    {
        _model.Name(["public.[red]x[/]", "public.\u001b[2Jy"]);
        _model.Rest("public.[red]x[/]", "[bold]");
        _model.Say("[blink]\u0007\nhello[/]");

        var drawn = string.Join('\n', Draw(120, 35));

        Assert.Contains("public.[red]x[/]", drawn, StringComparison.Ordinal);
        Assert.Contains("[bold]", drawn, StringComparison.Ordinal);
        Assert.Contains(@"public.\u001B[2Jy", drawn, StringComparison.Ordinal);
        Assert.Contains(@"[blink]\u0007\nhello[/]", drawn, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', drawn);
    }

    [Fact]
    public void Letters_that_take_two_cells_are_counted_as_two()
    {
        Assert.Equal(("注文 ", "注…", "…文 "), (CellText.Left("注文", 5), CellText.Cut("注文", 3), CellText.LeftByEnd("注文書文", 4)));
    }

    private static TestConsole Console(int width, int height)
    {
        var console = new TestConsole().Width(width).Height(height);
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    private List<string> Draw(int width, int height)
    {
        using var console = Console(width, height);
        return Lines(console);
    }

    private List<string> Lines(TestConsole console)
    {
        console.Write(LiveFrame.Of(_model.Read(), console, number: 0));
        return [.. console.Output.TrimEnd('\n').Split('\n').Select(line => line.TrimEnd())];
    }
}
