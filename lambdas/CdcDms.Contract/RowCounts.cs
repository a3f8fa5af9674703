namespace CdcDms.Contract;

/// <summary>What happened to every row that was read. Each count is measured by itself; they must balance.</summary>
public sealed record RowCounts
{
    /// <summary>Rows in the files of the batch.</summary>
    public long Read { get; init; }

    /// <summary>Rows that the target did not have.</summary>
    public long Inserted { get; init; }

    /// <summary>Rows that the target had with a lower version.</summary>
    public long Updated { get; init; }

    /// <summary>Changes that were in the target already, with the same version.</summary>
    public long Unchanged { get; init; }

    /// <summary>Deletes that took effect, also of keys that the target never had.</summary>
    public long Deleted { get; init; }

    /// <summary>Changes followed by a later change of the same row in the same batch.</summary>
    public long Superseded { get; init; }

    /// <summary>Changes below what the target holds already, or at or below the table's floor.</summary>
    public long Stale { get; init; }

    /// <summary>Changes put aside because the target refuses them.</summary>
    public long Quarantined { get; init; }

    /// <summary>
    /// Rows that were removed because an update gave them another key. They are not among those read: that update has a fate of its own.
    /// </summary>
    public long Moved { get; init; }

    /// <summary>The promise in numbers: every row read has exactly one fate.</summary>
    public bool Balance() => Read == Inserted + Updated + Unchanged + Deleted + Superseded + Stale + Quarantined;

    /// <summary>Both counts together.</summary>
    public static RowCounts operator +(RowCounts left, RowCounts right) => new()
    {
        Read = left.Read + right.Read,
        Inserted = left.Inserted + right.Inserted,
        Updated = left.Updated + right.Updated,
        Unchanged = left.Unchanged + right.Unchanged,
        Deleted = left.Deleted + right.Deleted,
        Superseded = left.Superseded + right.Superseded,
        Stale = left.Stale + right.Stale,
        Quarantined = left.Quarantined + right.Quarantined,
        Moved = left.Moved + right.Moved,
    };

    /// <inheritdoc cref="op_Addition"/>
    public static RowCounts Add(RowCounts left, RowCounts right) => left + right;
}
