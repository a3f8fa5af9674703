namespace CdcDms.Pipeline.Validation;

/// <summary>What bounds a comparison: the work of one statement, memory, and what is told.</summary>
internal sealed record ScanLimits
{
    /// <summary>Bytes of a table, with its large values, that one statement reads, about. Default: 1 GiB.</summary>
    public long RangeBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Buckets that keys are sorted into, a power of two. Default: by the tables' size (<see cref="BucketSums.CountFor"/>).
    /// </summary>
    public int? Buckets { get; init; }

    /// <summary>
    /// Rows of one side whose hashes one pass of a full proof reads, about: they are kept when the call ends. Default: 8 million, 160 MB.
    /// </summary>
    public long RowsPerPass { get; init; } = 8_000_000;

    /// <summary>Rows of one side that are joined in memory at once, about, until there are 256 parts. Default: half a million.</summary>
    public int JoinedRows { get; init; } = 500_000;

    /// <summary>Rows that differ of which the columns are found; the others are only counted. Default: 10,000.</summary>
    public int ExaminedRows { get; init; } = 10_000;

    /// <summary>Rows that differ which are told one by one: of those whose columns are found the first by key. Default: 100.</summary>
    public int ToldRows { get; init; } = 100;

    /// <summary>Whether servers that can hash records do so. Default: yes.</summary>
    public bool MayHashRecords { get; init; } = true;
}
