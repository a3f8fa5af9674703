using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Proofs;

/// <summary>A comparison of a whole table, and the proofs that were asked for of the keys that differ.</summary>
/// <param name="Compared">What the comparison found so far. What differs may only be on its way.</param>
/// <param name="Proofs">The proofs' numbers in the ledger; none when nothing differs.</param>
/// <param name="Keys">How many keys they have.</param>
public sealed record FullProof(ValidateOutput Compared, IReadOnlyList<long> Proofs, long Keys)
{
    /// <summary>Of so many rows that differ, in each pass over 4 million rows, the keys are read; more are counted.</summary>
    public const int MostKeys = 1_000_000;

    /// <summary>What keeps the comparison from its end.</summary>
    public required ComparisonMore More { get; init; }

    /// <summary>
    /// Why the proofs do not have all keys that differ, so that the table stays unproven; null when they have, or the comparison goes on.
    /// </summary>
    public required string? Incomplete { get; init; }

    /// <summary>What bounds the comparison: every key that is told gets a proof.</summary>
    internal static ScanLimits Limits { get; } = new() { ExaminedRows = MostKeys };
}
