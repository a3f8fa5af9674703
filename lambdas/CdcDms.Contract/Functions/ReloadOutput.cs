namespace CdcDms.Contract.Functions;

/// <summary>Output of the reload function: how far the load of a table is. It is the next call's input.</summary>
public sealed record ReloadOutput
{
    /// <summary>Whether DMS has loaded every row of the table since it was asked.</summary>
    public required bool Loaded { get; init; }

    /// <summary>Seconds until the next look.</summary>
    public required int WaitSeconds { get; init; }

    /// <summary>Seconds that will have been waited by then.</summary>
    public required int WaitedSeconds { get; init; }

    /// <summary>
    /// The table's load as it was before DMS was asked for another: DMS answers at once, and shows the old one for a while.
    /// </summary>
    public required TableLoad Before { get; init; }
}

/// <summary>A load of a table, as DMS shows it.</summary>
public sealed record TableLoad
{
    /// <summary>DMS's word for the table's state, such as <c>Table completed</c>.</summary>
    public required string State { get; init; }

    /// <summary>When the load began; null when there was none.</summary>
    public DateTime? StartUtc { get; init; }

    /// <summary>When it ended; null while it has not.</summary>
    public DateTime? EndUtc { get; init; }

    /// <summary>Rows that DMS could not load.</summary>
    public long ErrorRows { get; init; }
}
