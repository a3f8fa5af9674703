using System.Globalization;
using CdcDms.Contract.Functions;

namespace CdcDms.Local.Views;

/// <summary>How long a batch took, in short.</summary>
internal static class BatchTime
{
    // What takes less than a fifth of the time is not worth a word.
    private const double LeastShare = 0.2;

    /// <summary>
    /// The seconds, with the phases that took most of them, and the ways where they are not the usual one:
    /// <c>in 0.9 s (copy 0.2, merge 0.6)</c>, <c>in 12 s (copy 11; straight)</c>.
    /// </summary>
    /// <param name="phases">Where the time went.</param>
    /// <param name="ways">The ways; null to tell the seconds alone.</param>
    public static string Of(MergePhases phases, IReadOnlyList<MergeWay>? ways)
    {
        if (ways is null)
            return $"in {Number(phases.Seconds)} s";
        var longest = Named(phases).Where(phase => phase.Seconds > 0 && phase.Seconds >= LeastShare * phases.Seconds)
            .Select(phase => $"{phase.Name} {Number(phase.Seconds)}");
        List<string> parts = [string.Join(", ", longest)];
        if (ways is not [MergeWay.Staged])
            parts.Add(ways.InWords());
        var inside = string.Join("; ", parts.Where(part => part.Length > 0));
        return $"in {Number(phases.Seconds)} s{(inside.Length > 0 ? $" ({inside})" : "")}";
    }

    private static (string Name, double Seconds)[] Named(MergePhases phases) =>
    [
        ("list", phases.ListSeconds),
        ("fetch", phases.FetchSeconds),
        ("prepare", phases.PrepareSeconds),
        ("reduce", phases.ReduceSeconds),
        ("copy", phases.CopySeconds),
        ("merge", phases.MergeSeconds),
    ];

    private static string Number(double seconds) =>
        seconds.ToString(seconds < 1 ? "0.0#" : seconds < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture);
}
