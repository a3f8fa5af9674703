namespace CdcDms.Contract.Functions;

/// <summary>What became of the proofs that a merge has judged.</summary>
public sealed record JudgedProofs
{
    /// <summary>Proofs that were judged.</summary>
    public int Proofs { get; init; }

    /// <summary>Of these, proofs of which nothing could be said; the ledger has the reason of each.</summary>
    public int NotProven { get; init; }

    /// <summary>Keys that differed.</summary>
    public int KeysDifferent { get; init; }

    /// <summary>Of these, keys that were repaired.</summary>
    public int KeysRepaired { get; init; }

    /// <summary>Keys of which nothing is said: they changed meanwhile, or have a quarantined change.</summary>
    public int KeysNotJudged { get; init; }

    /// <summary>Why proofs that are due were not judged, which the next merge does; null when all were.</summary>
    public string? Failure { get; init; }
}
