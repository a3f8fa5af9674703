using CdcDms.Contract.Functions;

namespace CdcDms.Benchmarks;

/// <summary>Phases of several batches.</summary>
internal static class MedianPhases
{
    /// <summary>The median of each phase.</summary>
    public static MergePhases Of(IReadOnlyList<MergePhases> phases)
    {
        double Median(Func<MergePhases, double> phase) => Spread.Of(phases.Select(phase)).Median;

        return new MergePhases
        {
            ListSeconds = Median(spent => spent.ListSeconds),
            FetchSeconds = Median(spent => spent.FetchSeconds),
            ReduceSeconds = Median(spent => spent.ReduceSeconds),
            CopySeconds = Median(spent => spent.CopySeconds),
            MergeSeconds = Median(spent => spent.MergeSeconds),
        };
    }

    /// <summary>Phases as milliseconds for people, in their order.</summary>
    public static string Line(this MergePhases phases)
    {
        double[] spent = [phases.ListSeconds, phases.FetchSeconds, phases.ReduceSeconds, phases.CopySeconds, phases.MergeSeconds];
        return string.Join(", ", spent.Select(seconds => FormattableString.Invariant($"{1000 * seconds:0}")));
    }
}
