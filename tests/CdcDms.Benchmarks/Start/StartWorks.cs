namespace CdcDms.Benchmarks.Start;

/// <summary>What it takes until a function works: the synthesis, the bundle, and the first answers of its processes.</summary>
internal static class StartWorks
{
    /// <summary>All of them.</summary>
    public static MeasurementGroup Group()
    {
        // One synthesis gives the bundle of all works.
        var synthesis = new Lazy<Task<SynthesizedBundle>>(SynthesizedBundle.CreateAsync);
        return new MeasurementGroup("start", StartMeasurement.Head,
        [
            new("synthesis", async (_, _) => Told(StartMeasurement.Of("synthesis", [(await synthesis.Value).Seconds * 1000]))),
            new("bundle", async (_, _) =>
            {
                var bundle = await synthesis.Value;
                var size = new BundleSize(bundle.UnpackedMegabytes(), bundle.ZippedMegabytes());
                return (size, FormattableString.Invariant($"bundle: {size.Zipped:0.0} MB zipped, {size.Unpacked:0.0} MB unpacked"));
            }),
            Cold("cold, nothing waits", changes: 0),
            Cold("cold, 100 changes", changes: 100),
            Warm("warm, nothing waits", changes: 0),
            Warm("warm, 100 changes", changes: 100),
        ]);

        MeasuredWork Cold(string name, int changes) => new(name, async (servers, rounds) =>
        {
            await using var function = await InvokedMerge.CreateAsync(servers, (await synthesis.Value).Folder);
            return Told(StartMeasurement.Of(name, await function.ColdAsync(changes, rounds)));
        });

        MeasuredWork Warm(string name, int changes) => new(name, async (servers, rounds) =>
        {
            await using var function = await InvokedMerge.CreateAsync(servers, (await synthesis.Value).Folder);
            return Told(StartMeasurement.Of(name, await function.WarmAsync(changes, rounds)));
        });
    }

    private static (object Figures, string Line) Told(StartMeasurement measured) => (measured, measured.Line);

    private sealed record BundleSize(double Unpacked, double Zipped);
}
