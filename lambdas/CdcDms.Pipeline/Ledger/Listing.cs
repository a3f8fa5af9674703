namespace CdcDms.Pipeline.Ledger;

/// <summary>How far a listing reached; kept in the ledger when all that it showed is applied.</summary>
/// <param name="ListedUtc">When it began.</param>
/// <param name="Whole">Whether it saw the whole lake, not only recent folders.</param>
internal sealed record Listing(DateTime ListedUtc, bool Whole);
