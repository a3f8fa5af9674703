namespace CdcDms.Pipeline.Ledger;

/// <summary>How a proof ended.</summary>
public enum ProofOutcome
{
    /// <summary>Every key that could be judged is equal on both sides.</summary>
    Proven,

    /// <summary>Some keys differ.</summary>
    Different,

    /// <summary>Nothing was judged; the cause says why.</summary>
    NotProven,
}

/// <summary>A key that differs.</summary>
/// <param name="Key">The key, as texts by the target's column.</param>
/// <param name="Kind">How it differs.</param>
/// <param name="Columns">The columns that differ; none where one side lacks the row.</param>
public sealed record ProvenDifference(IReadOnlyDictionary<string, string> Key, DifferenceKind Kind, IReadOnlyList<string> Columns);

/// <summary>What became of a proof.</summary>
public sealed record ProofResult
{
    /// <summary>So many differences are told one by one.</summary>
    public const int MostDifferences = 100;

    /// <summary>How it ended; null while it is not judged.</summary>
    public required ProofOutcome? Outcome { get; init; }

    /// <summary>Why nothing was judged, or not everything repaired; null where there is no such reason.</summary>
    public required string? Cause { get; init; }

    /// <summary>Keys that were read.</summary>
    public required int Keys { get; init; }

    /// <summary>Of these, keys of which nothing is said because they changed while they were read; the next proof may say it.</summary>
    public required int ChangedSince { get; init; }

    /// <summary>Keys of which nothing is said because they have an open quarantined change.</summary>
    public required int Explained { get; init; }

    /// <summary>Keys that were repaired.</summary>
    public required int Repaired { get; init; }

    /// <summary>Rows that the target lacked.</summary>
    public required long Missing { get; init; }

    /// <summary>Rows that the target should not have had.</summary>
    public required long Extra { get; init; }

    /// <summary>Rows with other values.</summary>
    public required long Changed { get; init; }

    /// <summary>The keys that differ, the first of them.</summary>
    public required IReadOnlyList<ProvenDifference> Differences { get; init; }

    /// <summary>Several proofs of one table as one; no proof at all found no difference.</summary>
    public static ProofResult Together(IReadOnlyList<ProofResult> proofs) => new()
    {
        Outcome = proofs.Any(proof => proof.Outcome is null) ? null : proofs.Max(proof => proof.Outcome) ?? ProofOutcome.Proven,
        Cause = string.Join(' ', proofs.Select(proof => proof.Cause).OfType<string>().Distinct()) is { Length: > 0 } causes ? causes : null,
        Keys = proofs.Sum(proof => proof.Keys),
        ChangedSince = proofs.Sum(proof => proof.ChangedSince),
        Explained = proofs.Sum(proof => proof.Explained),
        Repaired = proofs.Sum(proof => proof.Repaired),
        Missing = proofs.Sum(proof => proof.Missing),
        Extra = proofs.Sum(proof => proof.Extra),
        Changed = proofs.Sum(proof => proof.Changed),
        Differences = [.. proofs.SelectMany(proof => proof.Differences).Take(MostDifferences)],
    };
}

/// <summary>How a proof is closed.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Cause">Why nothing was judged, or not everything repaired.</param>
internal sealed record Judged(ProofOutcome Outcome, string? Cause)
{
    /// <summary>Keys that changed after the first marker.</summary>
    public int ChangedSince { get; init; }

    /// <summary>Keys with an open quarantined change.</summary>
    public int Explained { get; init; }

    /// <summary>Keys that differ.</summary>
    public int Different { get; init; }

    /// <summary>Of these, keys that were repaired.</summary>
    public int Repaired { get; init; }
}
