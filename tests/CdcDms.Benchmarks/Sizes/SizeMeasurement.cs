using CdcDms.Testing;

namespace CdcDms.Benchmarks.Sizes;

/// <summary>A batch as it was measured in a target of some size, beside the same batch in the smallest one.</summary>
internal sealed record SizeMeasurement
{
    /// <summary>What stands above the lines.</summary>
    public static string Head =>
        $"{"work",-20}{"target rows",12}{"changes",10}{"floor ms",10}{"ours ms",10}{"floor, by first",17}"
        + $"{"ours, by first (lowest–highest)",33}";

    /// <summary>Which rows the changes are of.</summary>
    public required string Work { get; init; }

    /// <summary>Rows of the target.</summary>
    public required int TargetRows { get; init; }

    /// <summary>Changes of the batch.</summary>
    public required int Changes { get; init; }

    /// <summary>What the batch took, in milliseconds.</summary>
    public required Spread Milliseconds { get; init; }

    /// <summary>What PostgreSQL alone takes for it (<see cref="EncodedChanges"/>), in milliseconds.</summary>
    public required Spread FloorMilliseconds { get; init; }

    /// <summary>The batch's time by that in the smallest target, of each round.</summary>
    public required Spread Ratio { get; init; }

    /// <summary>The same of PostgreSQL alone.</summary>
    public required Spread FloorRatio { get; init; }

    /// <summary>The measurement as a line for people.</summary>
    public string Line =>
        FormattableString.Invariant($"{Work,-20}{TargetRows,12}{Changes,10}{FloorMilliseconds.Median,10:0}")
            + FormattableString.Invariant($"{Milliseconds.Median,10:0}{FloorRatio.Median,17:0.00}{Ratio.AsRatios,33}");

    /// <summary>Measures works that differ in the size of the target, in turn, after one round that does not count.</summary>
    public static async Task<IReadOnlyList<SizeMeasurement>> TakeAsync(TestServers servers, IReadOnlyList<MergeWork> works, int rounds)
    {
        var sizes = new List<(PreparedWork Prepared, EncodedChanges Floor, List<double> Ours, List<double> Floors)>();
        try
        {
            foreach (var work in works)
            {
                var prepared = await PreparedWork.CreateAsync(servers, work);
                sizes.Add((prepared, await EncodedChanges.OfAsync(prepared), [], []));
            }

            for (var round = -1; round < rounds; round++)
                foreach (var (prepared, floor, ours, floors) in sizes)
                {
                    var (least, taken) = ((await floor.MergeAsync()).TotalMilliseconds, await MergeAsync(prepared));
                    if (round < 0)
                        continue;
                    floors.Add(least);
                    ours.Add(taken);
                }

            return
            [
                .. sizes.Select(size => new SizeMeasurement
                {
                    Work = size.Prepared.Work.Name,
                    TargetRows = size.Prepared.Work.Rows,
                    Changes = size.Prepared.Work.Changes,
                    Milliseconds = Spread.Of(size.Ours),
                    FloorMilliseconds = Spread.Of(size.Floors),
                    Ratio = Spread.Of(size.Ours.Zip(sizes[0].Ours, (larger, smallest) => larger / smallest)),
                    FloorRatio = Spread.Of(size.Floors.Zip(sizes[0].Floors, (larger, smallest) => larger / smallest)),
                }),
            ];
        }
        finally
        {
            foreach (var (prepared, _, _, _) in sizes)
                await prepared.DisposeAsync();
        }
    }

    private static async Task<double> MergeAsync(PreparedWork prepared)
    {
        await using var database = await prepared.DatabaseAsync();
        return (await prepared.MergeAsync(database)).Elapsed.TotalMilliseconds;
    }
}
