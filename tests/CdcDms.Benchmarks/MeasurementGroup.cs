using CdcDms.Testing;

namespace CdcDms.Benchmarks;

/// <summary>Works that are measured alike, chosen by one name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Head">What stands above the lines of its works.</param>
/// <param name="Works">The works.</param>
internal sealed record MeasurementGroup(string Name, string Head, IReadOnlyList<MeasuredWork> Works)
{
    /// <summary>Rounds of each work unless the command says how many.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>All groups, in the order in which they are measured.</summary>
    /// <param name="scale">By how much their rows and changes are multiplied.</param>
    public static IReadOnlyList<MeasurementGroup> All(double scale) =>
    [
        new("merge", MeasurementTable.Head, [.. MergeWork.All(scale).Select(Merge)]),
        Others.OtherWorks.Group(scale),
        Sizes.SizeWorks.Group(scale),
        Lakes.LakeWorks.Group(scale),
        Memory.MemoryWorks.Group(scale),
        Start.StartWorks.Group(),
        Capture.CaptureWorks.Group(scale),
        Comparison.ComparisonWorks.Group(scale),
        Transcoding.TranscodingWorks.Group(scale),
    ];

    private static MeasuredWork Merge(MergeWork work) => new(work.Name, async (servers, rounds) =>
    {
        var measured = await MergeMeasurement.TakeAsync(servers, work, rounds);
        return (measured, MeasurementTable.Line(measured));
    });
}

/// <summary>One work of a group.</summary>
/// <param name="Name">The name, which no other group has.</param>
/// <param name="TakeAsync">Measures it in as many rounds; gives the figures for programs and the line for people.</param>
internal sealed record MeasuredWork(string Name, Func<TestServers, int, Task<(object Figures, string Line)>> TakeAsync);
