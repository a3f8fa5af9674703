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
            PrepareSeconds = Median(spent => spent.PrepareSeconds),
            ReduceSeconds = Median(spent => spent.ReduceSeconds),
            CopySeconds = Median(spent => spent.CopySeconds),
            MergeSeconds = Median(spent => spent.MergeSeconds),
        };
    }

    /// <summary>What stands above <see cref="Line"/>.</summary>
    public const string Head = "list, fetch, prepare, reduce, copy, merge ms";

    /// <summary>Phases as milliseconds for people, in their order.</summary>
    public static string Line(this MergePhases phases)
    {
        double[] spent =
        [
            phases.ListSeconds, phases.FetchSeconds, phases.PrepareSeconds, phases.ReduceSeconds, phases.CopySeconds, phases.MergeSeconds,
        ];
        return string.Join(", ", spent.Select(seconds => FormattableString.Invariant($"{1000 * seconds:0}")));
    }
}
