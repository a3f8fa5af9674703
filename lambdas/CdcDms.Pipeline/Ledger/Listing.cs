namespace CdcDms.Pipeline.Ledger;

/// <summary>How far a listing reached; kept in the ledger when all that it showed is applied.</summary>
/// <param name="ListedUtc">When it began.</param>
/// <param name="Whole">Whether it saw the whole lake, not only recent folders.</param>
/// <param name="NewestFolders">
/// For each generation, the newest date folder of a CDC file so far; null where there is none, or one that does not sort by date.
/// </param>
/// <param name="LakeUtc">
/// A time by the clock of S3 at or before which the listing began, so that it shows what the lake had then; null when none is known.
/// </param>
/// <param name="Restarts">The table's restarts when it began (<see cref="TableRecord.Restarts"/>).</param>
internal sealed record Listing(
    DateTime ListedUtc, bool Whole, IReadOnlyDictionary<int, string?> NewestFolders, DateTime? LakeUtc, int Restarts);
