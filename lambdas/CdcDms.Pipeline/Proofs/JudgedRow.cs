using CdcDms.Pipeline.Ledger;
using Npgsql;

namespace CdcDms.Pipeline.Proofs;

/// <summary>A row of a proof beside the target's.</summary>
/// <param name="Place">Its place in the proof.</param>
/// <param name="IsNewer">Whether it changed after the first marker, or may have come by a load since; nothing is said of it.</param>
/// <param name="IsExplained">Whether it has an open quarantined change.</param>
/// <param name="Kind">The difference; null where there is none, or none that can be told.</param>
internal sealed record JudgedRow(int Place, bool IsNewer, bool IsExplained, DifferenceKind? Kind)
{
    /// <summary>Reads a row of <see cref="ProofSql.Judge"/>.</summary>
    public static JudgedRow Read(NpgsqlDataReader row) => new(
        row.GetInt32(0), row.GetBoolean(1), row.GetBoolean(2), row.IsDBNull(3) ? null : Enum.Parse<DifferenceKind>(row.GetString(3)));
}
