namespace CdcDms.Pipeline.Ledger;

/// <summary>What may be lost when a parked table goes on, because the operator says so.</summary>
public sealed record Consent
{
    /// <summary>Nothing.</summary>
    public static Consent None { get; } = new();

    /// <summary>
    /// The columns' types are taken as the files have them next, where the definition gives the column its type: values are then cast, and
    /// what the target's type cannot hold is rounded or cut.
    /// </summary>
    public bool ToTypes { get; init; }

    /// <summary>
    /// Full-load files that came again until now fill gaps: rows that changed or were deleted between the two loads may stay as they are.
    /// </summary>
    public bool ToLoads { get; init; }

    /// <summary>The next merge's lake takes the place of the one that filled the target: it has all of that one's files.</summary>
    public bool ToLake { get; init; }
}
