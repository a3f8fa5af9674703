namespace CdcDms.Pipeline.Ledger;

/// <summary>A marker, as people know it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Utc">When it was committed at the source; at the source itself, when it was written.</param>
public sealed record MarkerPoint(long Number, DateTime Utc);
