using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Merging;

/// <summary>A generation that is complete in the lake, while the target may still hold rows of older ones.</summary>
/// <param name="Number">The generation.</param>
/// <param name="Load">The files of its full load.</param>
/// <param name="IsMerged">Whether its full load is merged, so that these rows can go.</param>
internal sealed record CompleteGeneration(int Number, IReadOnlyList<ManifestObject> Load, bool IsMerged);

/// <summary>What is in the lake and not in the ledger.</summary>
/// <param name="Complete">A complete generation that has to take the place of older ones; null when none has.</param>
/// <param name="Loads">Full-load files.</param>
/// <param name="Changes">CDC files.</param>
/// <param name="Listing">How much of the lake was listed, and when.</param>
internal sealed record WaitingFiles(
    CompleteGeneration? Complete, IReadOnlyList<LakeObject> Loads, IReadOnlyList<LakeObject> Changes, Listing Listing)
{
    /// <summary>
    /// Whether the full-load files can only fill gaps, so that they may be merged side by side: no other generation than theirs is known.
    /// </summary>
    public required bool LoadsFillGaps { get; init; }

    /// <summary>Whether rows of outdated generations are still to be removed.</summary>
    public required bool HasOlderRows { get; init; }
}
