using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Proofs;

/// <summary>A comparison of a whole table, and the proofs that were asked for of the keys that differ.</summary>
/// <param name="Compared">What the comparison found. What differs may only be on its way.</param>
/// <param name="Proofs">The proofs' numbers in the ledger; none when nothing differs.</param>
/// <param name="Keys">How many keys they have; fewer than differ when these are very many.</param>
public sealed record FullProof(ValidateOutput Compared, IReadOnlyList<long> Proofs, int Keys)
{
    /// <summary>So many rows that differ get a proof; the others are counted.</summary>
    public const int MostKeys = 100_000;

    /// <summary>What bounds the comparison: every key that is told gets a proof.</summary>
    internal static ScanLimits Limits { get; } = new() { ExaminedRows = MostKeys, ToldRows = MostKeys };

    /// <summary>
    /// Whether keys are all of which a comparison leaves something to prove. Rows that were counted, and no longer differed when they were
    /// read, are equal; rows that were only counted, and keys that are NULL in part, are not known.
    /// </summary>
    /// <param name="compared">What the comparison found.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="limits">What bounded the comparison.</param>
    internal static bool HasAll(TableComparison compared, IReadOnlyList<IReadOnlyList<string>> keys, ScanLimits limits) =>
        compared.Result.Missing + compared.Result.Extra + compared.Result.Changed <= limits.ExaminedRows
            && keys.Count == compared.Differences.Count;

    /// <summary>The keys of rows that differ, as texts of some columns. A key that is NULL in part finds no row.</summary>
    internal static IReadOnlyList<IReadOnlyList<string>> KeysOf(IReadOnlyList<RowDifference> differences, IReadOnlyList<string> columns) =>
    [
        .. differences.Select(row => columns.Select(name => row.Key[name]).ToList())
            .Where(key => key.TrueForAll(part => part is not null))
            .Select(key => key.OfType<string>().ToList()),
    ];
}
