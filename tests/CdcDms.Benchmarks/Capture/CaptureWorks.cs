namespace CdcDms.Benchmarks.Capture;

/// <summary>What is measured of the local capture.</summary>
internal static class CaptureWorks
{
    /// <summary>The snapshot of a table, and the stream of changes to it.</summary>
    /// <param name="scale">By how much rows and changes are multiplied.</param>
    public static MeasurementGroup Group(double scale)
    {
        var (rows, changes) = ((int)(1_000_000 * scale), (int)(600_000 * scale));
        return new MeasurementGroup("capture", PairMeasurement.Head(),
        [
            new("snapshot", async (servers, rounds) =>
            {
                await using var source = await CapturedSource.CreateAsync(servers, rows);
                var snapshot = new SnapshotWork(source);
                return Told(await PairMeasurement.TakeAsync("snapshot", rows, rounds, snapshot.CopyAsync, snapshot.CaptureAsync));
            }),
            new("stream", async (servers, rounds) =>
            {
                await using var source = await CapturedSource.CreateAsync(servers, changes / 2);
                var stream = await StreamWork.CreateAsync(source, changes);
                return Told(await PairMeasurement.TakeAsync("stream", changes, rounds, stream.ReadAsync, stream.CaptureAsync));
            }),
        ]);
    }

    private static (object Figures, string Line) Told(PairMeasurement measured) => (measured, measured.Line);
}
