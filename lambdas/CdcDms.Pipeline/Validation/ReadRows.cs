namespace CdcDms.Pipeline.Validation;

/// <summary>Counts the rows that both sides read at the same time, and reports them.</summary>
/// <param name="table">The source table.</param>
/// <param name="progress">Where to; null for nobody.</param>
internal sealed class ReadRows(string table, IProgress<ComparisonProgress>? progress)
{
    private readonly Lock _lock = new();
    private ComparisonProgress _now = new(table, default, default);

    /// <summary>Whether anybody wants to know.</summary>
    public bool AreWanted => progress is not null;

    /// <summary>Something has happened since the last report.</summary>
    public void Report(Func<ComparisonProgress, ComparisonProgress> change)
    {
        if (progress is null)
            return;
        lock (_lock)
            progress.Report(_now = change(_now));
    }
}
