using CdcDms.DuckDb;

namespace CdcDms.Pipeline.Validation;

/// <summary>The row hashes of both sides, on disk until they are joined.</summary>
internal sealed class RowHashPair : IDisposable
{
    private readonly WorkFolder _folder = WorkFolder.Create();

    /// <summary>Makes empty files.</summary>
    /// <param name="buckets">The buckets whose rows come.</param>
    /// <param name="limits">How many rows are joined at once.</param>
    public RowHashPair(DifferentBuckets buckets, ScanLimits limits)
    {
        var parts = RowHashFiles.PartsFor(buckets.Rows, limits.JoinedRows);
        (Source, Target) = (new RowHashFiles(_folder, "source", parts), new RowHashFiles(_folder, "target", parts));
    }

    /// <summary>The source's rows.</summary>
    public RowHashFiles Source { get; }

    /// <summary>Rows of analytics.</summary>
    public RowHashFiles Target { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Source.Dispose();
        Target.Dispose();
        _folder.Dispose();
    }
}
