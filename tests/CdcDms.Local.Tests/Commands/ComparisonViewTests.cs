using System.Collections.Concurrent;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Local.Tests.Commands;

/// <summary>What is shown of a comparison while it runs, where stdout is no terminal.</summary>
public sealed class ComparisonViewTests
{
    [Fact]
    public async Task Rows_that_were_read_are_told_of_those_that_are_expected_and_then_that_differences_are_looked_for()
    {
        var lines = new ConcurrentQueue<string>();
        var view = new ComparisonView(quiet: TimeSpan.Zero, lines.Enqueue);
        var comparison = new TaskCompletionSource<int>();
        var shown = view.WatchAsync(["shop.orders"], () => comparison.Task);

        view.Begin("shop.orders");
        await CommandLine.WaitUntilAsync(() => Task.FromResult(lines.Count == 1));
        // One row more was read than were expected.
        view.Report(new ComparisonProgress("shop.orders", new RowsRead(3000, 2999), new RowsRead(1000, 0), Differs: true));
        await CommandLine.WaitUntilAsync(() => Task.FromResult(lines.Count == 2));
        comparison.SetResult(7);

        Assert.Equal(7, await shown);
        Assert.Equal(
            [
                "comparing shop.orders: source 0 rows, analytics 0 rows",
                "looking for the rows of shop.orders that differ: source 3,000 of ~3,000 rows, analytics 1,000 rows",
            ],
            lines);
    }
}
