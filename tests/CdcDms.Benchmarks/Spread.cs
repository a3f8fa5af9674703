namespace CdcDms.Benchmarks;

/// <summary>What several measurements of one thing gave.</summary>
/// <param name="Median">The middle one.</param>
/// <param name="Lowest">The lowest.</param>
/// <param name="Highest">The highest.</param>
internal sealed record Spread(double Median, double Lowest, double Highest)
{
    /// <summary>The spread of ratios, for people.</summary>
    public string AsRatios => FormattableString.Invariant($"{Median:0.00} ({Lowest:0.00}–{Highest:0.00})");

    /// <summary>The spread of large numbers, for people.</summary>
    public string AsWholeNumbers => FormattableString.Invariant($"{Median:0} ({Lowest:0}–{Highest:0})");

    /// <summary>The spread of some numbers.</summary>
    public static Spread Of(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return new Spread((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }
}
