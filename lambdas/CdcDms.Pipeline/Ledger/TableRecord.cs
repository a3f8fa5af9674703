using System.Numerics;

namespace CdcDms.Pipeline.Ledger;

/// <summary>What the ledger knows of one target table.</summary>
/// <param name="Id">Its number; also the second half of the advisory lock and part of the tombstone table's name.</param>
/// <param name="Generation">Version of the newest complete generation that was swapped in; 0 for the first snapshot.</param>
/// <param name="Floor">Changes at or below it are stale; 0 for none.</param>
/// <param name="DrainedUtc">Start of the last listing whose files are all applied.</param>
/// <param name="SweptUtc">The same for a listing that was not limited to recent folders.</param>
internal sealed record TableRecord(int Id, BigInteger Generation, BigInteger Floor, DateTime? DrainedUtc, DateTime? SweptUtc);
