namespace CdcDms.Benchmarks;

/// <summary>A work that was measured beside its floor, in turn.</summary>
internal sealed record PairMeasurement
{
    /// <summary>What stands above the lines.</summary>
    public static string Head => $"{"work",-16}{"rows",10}{"floor ms",10}{"ours ms",10}{"ratio (lowest–highest)",24}";

    /// <summary>The work.</summary>
    public required string Work { get; init; }

    /// <summary>Its rows or changes.</summary>
    public required long Rows { get; init; }

    /// <summary>What the work took, in milliseconds.</summary>
    public required Spread Milliseconds { get; init; }

    /// <summary>What the least took that does not do without reading the same rows, in milliseconds.</summary>
    public required Spread FloorMilliseconds { get; init; }

    /// <summary>The first by the second, of each round.</summary>
    public required Spread Ratio { get; init; }

    /// <summary>The measurement as a line for people.</summary>
    public string Line
    {
        get
        {
            var ratios = FormattableString.Invariant($"{Ratio.Median:0.00} ({Ratio.Lowest:0.00}–{Ratio.Highest:0.00})");
            return FormattableString.Invariant(
                $"{Work,-16}{Rows,10}{FloorMilliseconds.Median,10:0}{Milliseconds.Median,10:0}{ratios,24}");
        }
    }

    /// <summary>Measures a work and its floor in turn, after one round that does not count.</summary>
    public static async Task<PairMeasurement> TakeAsync(
        string work, long rows, int rounds, Func<Task<TimeSpan>> floorAsync, Func<Task<TimeSpan>> workAsync)
    {
        var (floors, works) = (new List<double>(), new List<double>());
        await floorAsync();
        await workAsync();
        for (var round = 0; round < rounds; round++)
        {
            // Whatever one leaves behind for the other, each comes first as often.
            if (round % 2 == 0)
                floors.Add((await floorAsync()).TotalMilliseconds);
            works.Add((await workAsync()).TotalMilliseconds);
            if (round % 2 == 1)
                floors.Add((await floorAsync()).TotalMilliseconds);
        }

        return new PairMeasurement
        {
            Work = work,
            Rows = rows,
            Milliseconds = Spread.Of(works),
            FloorMilliseconds = Spread.Of(floors),
            Ratio = Spread.Of(works.Zip(floors, (ours, floor) => ours / floor)),
        };
    }
}
