namespace CdcDms.Benchmarks.Sizes;

/// <summary>What the same changes cost in larger targets.</summary>
internal static class SizeWorks
{
    private static readonly int[] Times = [1, 3, 10];

    /// <summary>Changes of rows that are far from each other, and of neighbours.</summary>
    /// <param name="scale">By how much changes and rows are multiplied.</param>
    public static MeasurementGroup Group(double scale)
    {
        var (changes, rows) = ((int)(40_000 * scale), (int)(400_000 * scale));
        return new MeasurementGroup("size", SizeMeasurement.Head,
        [
            .. from pattern in ((string Name, bool IsNear)[])[("keys far apart", false), ("neighbouring keys", true)]
               select new MeasuredWork(pattern.Name, async (servers, rounds) =>
               {
                   var works = Times.Select(times =>
                       new MergeWork(pattern.Name, changes, changes, rows * times) { IsNear = pattern.IsNear }).ToList();
                   var measured = await SizeMeasurement.TakeAsync(servers, works, rounds);
                   return (measured, string.Join(Environment.NewLine, measured.Select(size => size.Line)));
               }),
        ])
        {
            Rounds = 3,
        };
    }
}
