namespace CdcDms.Pipeline.Validation;

/// <summary>A table, or a leaf of a partitioned one, that is scanned by itself.</summary>
/// <param name="Oid">The relation's OID; 0 for a partitioned table that is read as one.</param>
/// <param name="Rows">The relation's own rows, as they stand in a <c>FROM</c> clause.</param>
/// <param name="FileNode">The file of its rows: TRUNCATE, VACUUM FULL and CLUSTER give a relation another one.</param>
internal sealed record TablePart(long Oid, string Rows, long FileNode);

/// <summary>Blocks of a part, read by one statement.</summary>
/// <param name="Part">The part.</param>
/// <param name="FirstBlock">The first block.</param>
/// <param name="EndBlock">The first block after the range; null for an open end, so that rows that come later are in it.</param>
internal sealed record TableRange(TablePart Part, long FirstBlock, long? EndBlock)
{
    /// <summary>Names of the columns of which some value in the range is refused by the other side's type.</summary>
    public IReadOnlyList<string> Refused { get; init; } = [];

    /// <summary>The conditions that choose the range's rows; none for all of them.</summary>
    public IEnumerable<string> Conditions() =>
    [
        .. FirstBlock > 0 ? new[] { $"ctid >= '({FirstBlock},0)'::tid" } : [],
        .. EndBlock is { } end ? new[] { $"ctid < '({end},0)'::tid" } : [],
    ];
}
