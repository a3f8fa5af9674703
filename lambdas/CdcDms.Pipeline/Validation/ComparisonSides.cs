namespace CdcDms.Pipeline.Validation;

/// <summary>Both sides of a comparison, and the passes over them. A pass reads both at the same time.</summary>
/// <param name="Buckets">The number of buckets.</param>
/// <param name="Source">The source.</param>
/// <param name="Target">Analytics.</param>
internal sealed record ComparisonSides(int Buckets, ComparedSide Source, ComparedSide Target)
{
    /// <summary>Sums the rows of both sides up.</summary>
    /// <param name="sums">Where to.</param>
    /// <param name="pace">How long to go on.</param>
    /// <param name="rows">Is told how far the pass is.</param>
    /// <param name="cancellationToken">Ends the pass.</param>
    /// <returns>Whether both sides are read.</returns>
    public async Task<bool> SumAsync(
        (BucketSums Source, BucketSums Target) sums, ScanPace pace, ReadRows rows, CancellationToken cancellationToken)
    {
        var (source, target) = await BothSides.RunAsync(
            cancel => SumAsync(Source, sums.Source, pace, rows, (now, read) => now with { Source = read }, cancel),
            cancel => SumAsync(Target, sums.Target, pace, rows, (now, read) => now with { Target = read }, cancel),
            cancellationToken);
        return source && target;
    }

    /// <summary>Reads the hashes of the rows in some buckets.</summary>
    /// <param name="buckets">One bit a bucket.</param>
    /// <param name="hashes">Where to.</param>
    /// <param name="pace">How long to go on.</param>
    /// <param name="cancellationToken">Ends the pass.</param>
    /// <returns>Whether both sides are read.</returns>
    public async Task<bool> ReadHashesAsync(
        byte[] buckets, RowHashPair hashes, ScanPace pace, CancellationToken cancellationToken)
    {
        var (source, target) = await BothSides.RunAsync(
            cancel => Source.Scan.ReadHashesAsync(Source.Sql, buckets, hashes.Source.Add, pace, cancel),
            cancel => Target.Scan.ReadHashesAsync(Target.Sql, buckets, hashes.Target.Add, pace, cancel),
            cancellationToken);
        return source && target;
    }

    /// <summary>Begins another pass.</summary>
    public void Rewind()
    {
        Source.Scan.Rewind();
        Target.Scan.Rewind();
    }

    /// <summary>Whether one of the tables was rewritten or emptied since the comparison began.</summary>
    public async Task<bool> AreOutdatedAsync(CancellationToken cancellationToken) =>
        await Source.Scan.IsOutdatedAsync(cancellationToken) || await Target.Scan.IsOutdatedAsync(cancellationToken);

    private static async Task<bool> SumAsync(
        ComparedSide side, BucketSums sums, ScanPace pace, ReadRows rows,
        Func<ComparisonProgress, RowsRead, ComparisonProgress> report, CancellationToken cancellationToken)
    {
        var expected = rows.AreWanted ? await side.Scan.ExpectedRowsAsync(cancellationToken) : 0;
        void Report() => rows.Report(now => report(now, new RowsRead(sums.Rows, expected)));
        Report();
        return await side.Scan.SumAsync(side.Sql, side.Values, sums, pace, Report, cancellationToken);
    }
}
