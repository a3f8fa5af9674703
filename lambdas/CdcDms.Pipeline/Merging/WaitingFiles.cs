using System.Numerics;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Merging;

/// <summary>A complete generation that is not swapped in yet.</summary>
/// <param name="Version">The generation's version.</param>
/// <param name="Files">The generation's files; none when the table had no rows.</param>
/// <param name="Rows">Rows that the files must have.</param>
internal sealed record WaitingGeneration(BigInteger Version, IReadOnlyList<LakeObject> Files, long Rows);

/// <summary>What is in the lake and not in the ledger.</summary>
/// <param name="Generation">A complete generation, if one waits.</param>
/// <param name="Loads">Full-load files.</param>
/// <param name="Changes">CDC files.</param>
/// <param name="Listing">How much of the lake was listed, and when.</param>
internal sealed record WaitingFiles(
    WaitingGeneration? Generation, IReadOnlyList<LakeObject> Loads, IReadOnlyList<LakeObject> Changes, Listing Listing);
