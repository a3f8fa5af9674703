namespace CdcDms.Benchmarks.Comparison;

/// <summary>What is measured of comparisons of whole tables.</summary>
internal static class ComparisonWorks
{
    /// <summary>A comparison of equal tables, and one of tables of which a row in ten thousand differs.</summary>
    /// <param name="scale">By how much rows are multiplied.</param>
    public static MeasurementGroup Group(double scale)
    {
        var rows = (int)(200_000 * scale);
        return new MeasurementGroup("comparison", PairMeasurement.Head(),
        [
            .. from work in (ComparedWork[])[new("equal", rows, 0), new("some differ", rows, 10_000)]
               select new MeasuredWork(work.Name, async (servers, rounds) =>
               {
                   await using var tables = await ComparedTwoSides.CreateAsync(servers, work);
                   var measured = await PairMeasurement.TakeAsync(work.Name, rows, rounds, tables.HashAsync, tables.CompareAsync);
                   return (measured, measured.Line);
               }),
        ]);
    }
}

/// <summary>Two tables that are compared.</summary>
/// <param name="Name">What the comparison is called.</param>
/// <param name="Rows">Rows of each.</param>
/// <param name="DifferentEach">Of so many rows one differs; 0 for none.</param>
internal sealed record ComparedWork(string Name, int Rows, int DifferentEach);
