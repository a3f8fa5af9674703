namespace CdcDms.Benchmarks;

/// <summary>A work that was measured beside another one, such as its floor, in turn.</summary>
internal sealed record PairMeasurement
{
    /// <summary>What stands above the lines.</summary>
    /// <param name="beside">What the work is measured beside.</param>
    /// <param name="measured">Whose work it is.</param>
    public static string Head(string beside = "floor", string measured = "ours") =>
        $"{"work",-34}{"rows",10}{$"{beside} ms",10}{$"{measured} ms",11}{"rows/s",11}{"ratio (lowest–highest)",24}";

    /// <summary>The work.</summary>
    public required string Work { get; init; }

    /// <summary>Its rows or changes.</summary>
    public required long Rows { get; init; }

    /// <summary>What the work took, in milliseconds.</summary>
    public required Spread Milliseconds { get; init; }

    /// <summary>What the other one took, in milliseconds.</summary>
    public required Spread BesideMilliseconds { get; init; }

    /// <summary>The first by the second, of each round.</summary>
    public required Spread Ratio { get; init; }

    /// <summary>The measurement as a line for people.</summary>
    public string Line =>
        FormattableString.Invariant(
            $"{Work,-34}{Rows,10}{BesideMilliseconds.Median,10:0}{Milliseconds.Median,11:0}")
            + FormattableString.Invariant($"{1000 * Rows / Milliseconds.Median,11:0}{Ratio.AsRatios,24}");

    /// <summary>Measures a work and another one in turn, after one round that does not count.</summary>
    public static async Task<PairMeasurement> TakeAsync(
        string work, long rows, int rounds, Func<Task<TimeSpan>> besideAsync, Func<Task<TimeSpan>> workAsync)
    {
        var (others, works) = (new List<double>(), new List<double>());
        await besideAsync();
        await workAsync();
        for (var round = 0; round < rounds; round++)
        {
            // Whatever one leaves behind for the other, each comes first as often.
            if (round % 2 == 0)
                others.Add((await besideAsync()).TotalMilliseconds);
            works.Add((await workAsync()).TotalMilliseconds);
            if (round % 2 == 1)
                others.Add((await besideAsync()).TotalMilliseconds);
        }

        return new PairMeasurement
        {
            Work = work,
            Rows = rows,
            Milliseconds = Spread.Of(works),
            BesideMilliseconds = Spread.Of(others),
            Ratio = Spread.Of(works.Zip(others, (taken, other) => taken / other)),
        };
    }
}
