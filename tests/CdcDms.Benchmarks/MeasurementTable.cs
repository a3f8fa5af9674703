namespace CdcDms.Benchmarks;

/// <summary>Measurements as lines for people.</summary>
internal static class MeasurementTable
{
    /// <summary>What stands above the lines.</summary>
    public static string Head =>
        $"{"work",-16}{"floor ms",10}{"merge ms",10}{"ratio (lowest–highest)",24}{"above ms",10}{"trips",7}"
        + $"   {MedianPhases.Head}";

    /// <summary>One work.</summary>
    public static string Line(MergeMeasurement measured) =>
        FormattableString.Invariant(
            $"{measured.Work,-16}{measured.FloorMilliseconds.Median,10:0}{measured.MergeMilliseconds.Median,10:0}")
            + $"{measured.Ratio.AsRatios,24}"
            + FormattableString.Invariant($"{measured.AboveFloorMilliseconds.Median,10:0}{measured.RoundTrips,7}   ")
            + measured.Phases.Line();
}
