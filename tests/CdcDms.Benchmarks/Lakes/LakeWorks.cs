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
            new("old objects", async (servers, rounds) =>
            {
                var measured = await OldObjects.CompareAsync(servers, FewObjects, old, rounds);
                return (measured, string.Join(Environment.NewLine, measured.Select(listing => listing.Line)));
            }),
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
