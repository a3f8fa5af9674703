namespace CdcDms.Benchmarks.Lakes;

/// <summary>What many objects in a lake cost.</summary>
internal static class LakeWorks
{
    private const int FewObjects = 100;

    /// <summary>A small batch below which old objects lie, and small files that wait.</summary>
    /// <param name="scale">By how much the old objects and the files are multiplied.</param>
    public static MeasurementGroup Group(double scale)
    {
        var (old, waiting) = ((int)(40_000 * scale), (int)(8_000 * scale));
        return new MeasurementGroup("lake", PairMeasurement.Head("few", "many"),
        [
            new("old objects", (servers, rounds) => OldObjects.CompareAsync(
                "old objects", servers, FewObjects, old, rounds, TimeSpan.Zero)),
            new("old objects, daily listing", (servers, rounds) => OldObjects.CompareAsync(
                "old objects, daily listing", servers, FewObjects, old, rounds, TimeSpan.FromDays(1.5))),
            new("small files", async (servers, rounds) =>
            {
                var measured = await SmallFilesMeasurement.TakeAsync(servers, waiting, rounds);
                return (measured, measured.Line);
            }),
        ])
        {
            Rounds = 3,
        };
    }
}
