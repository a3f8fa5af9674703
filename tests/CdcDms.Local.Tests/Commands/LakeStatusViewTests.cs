using CdcDms.Local.Views;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Status;
using Spectre.Console;

namespace CdcDms.Local.Tests.Commands;

/// <summary>What is shown of tables in source, lake and analytics.</summary>
public sealed class LakeStatusViewTests
{
    private static readonly DateTime Now = new(2026, 11, 26, 22, 30, 15, DateTimeKind.Utc);

    [Fact]
    public void On_a_terminal_of_100_columns_no_figure_is_broken()
    {
        var table = new TablePlaces("commerce.order_line_items")
        {
            Target = "analytics.order_line_items",
            Source = new SourcePlace(Now, 1_234_567_890, new MarkerPoint(123_456, Now.AddMinutes(-1)), Now.AddMinutes(-31)),
            Lake = new LakePlace(Now.AddSeconds(-1))
            {
                Files = 7,
                Rows = 1_234_567_000,
                NewestCommitUtc = Now.AddMinutes(-32),
                NewestMarker = new MarkerPoint(123_450, Now.AddMinutes(-33)),
                WaitingFiles = 1_234,
                WaitingSinceUtc = Now.AddHours(-30),
            },
            Analytics = new AnalyticsPlace(Now.AddSeconds(-2))
            {
                Rows = 1_234_500_000,
                NewestCommitUtc = Now.AddHours(-23),
                NewestMarker = new MarkerPoint(123_000, Now.AddHours(-22)),
                DueMarker = new MarkerPoint(122_999, Now.AddHours(-23)),
            },
        };

        var lines = Shown(100, table);

        Assert.All(lines, line => Assert.InRange(line.Length, 0, 100));
        Assert.Equal(
            [
                "source 1,234,567,890 – #123456 22:29:15 22:30:15",
                "lake 1,234,567,000 21:58:15 #123450 21:57:15 markers, 31 min 22:30:14",
                "analytics 1,234,500,000 23:30:15 #123000 00:30:15 1,234 files, 29 h 22:30:13",
                "due – – #122999 23:30:15 22:30:13",
            ],
            Cells(lines).Skip(2));
        Assert.Equal("commerce.order_line_items", string.Concat(Cells(lines).Take(2)));
    }

    [Fact]
    public void What_is_older_than_a_day_has_its_date_and_what_is_not_known_is_left_out()
    {
        var table = new TablePlaces("public.people")
        {
            Lake = new LakePlace(Now) { Files = 1, Rows = 1, NewestCommitUtc = Now.AddDays(-2), WaitingFiles = 0 },
        };

        Assert.Equal(["public.people", "lake 1 2026-11-24 22:30:15 – 22:30:15"], Cells(Shown(200, table)));
    }

    private static List<string> Shown(int width, TablePlaces table)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = width;
        console.Write(LakeStatusView.Table([table]));
        return [.. output.ToString().Split('\n').Select(line => line.TrimEnd('\r'))];
    }

    // Each row below the heading, its cells in one line.
    private static IEnumerable<string> Cells(List<string> lines) =>
        lines.Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(line => string.Join(
            ' ', line.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));
}
