using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Targets;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Proofs;

/// <summary>A comparison of a whole table, and the proofs that were asked for of the keys that differ.</summary>
/// <param name="Compared">What the comparison found so far. What differs may only be on its way.</param>
/// <param name="Proofs">The proofs' numbers in the ledger; none when nothing differs.</param>
/// <param name="Keys">How many keys they have.</param>
public sealed record FullProof(ValidateOutput Compared, IReadOnlyList<long> Proofs, long Keys)
{
    /// <summary>Of so many rows that differ, in each pass over 8 million rows, the keys are read; more are counted.</summary>
    public const int MostKeys = 1_000_000;

    /// <summary>What keeps the comparison from its end.</summary>
    public required ComparisonMore More { get; init; }

    /// <summary>
    /// Why the proofs do not have all keys that differ, so that the table stays unproven; null when they have, or the comparison goes on.
    /// </summary>
    public required string? Incomplete { get; init; }

    /// <summary>What bounds the comparison: every key that is told gets a proof.</summary>
    internal static ScanLimits Limits { get; } = new() { ExaminedRows = MostKeys };

    /// <summary>What a call of a comparison ends with.</summary>
    internal static FullProof Of(TargetSession session, ComparisonState state, ScanLimits limits, ComparisonMore more) => new(
        new ValidateOutput
        {
            Table = session.Table.Source.ToString(),
            SourceRows = state.SourceRows,
            TargetRows = state.TargetRows,
            Missing = state.Missing,
            Extra = state.Extra,
            Changed = state.Changed,
            DifferentColumns = [],
        },
        state.Proofs,
        state.Keys)
    {
        More = more,
        Incomplete = more is ComparisonMore.Nothing ? Missed(session, state, limits) : null,
    };

    // A row that was on neither side as it had been has changed since the marker. That change brings all its values, unless the target
    // keeps older ones.
    private static string? Missed(TargetSession session, ComparisonState state, ScanLimits limits) => state switch
    {
        { HasMoreRows: true } => $"More than {limits.ExaminedRows} rows differ, and the others were not read; compare once more after the "
            + "repair, or load the table again.",
        { HasPartialKeys: true } => "Rows that differ have a key that is NULL in part, by which no row is found; correct the key.",
        { Gone: > 0 } when session.Target.HasRegisters =>
            $"{state.Gone} rows that differ changed while they were compared, and were not read; compare once more.",
        _ => null,
    };
}
