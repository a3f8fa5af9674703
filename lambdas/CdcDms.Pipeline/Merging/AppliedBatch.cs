using CdcDms.Contract;

namespace CdcDms.Pipeline.Merging;

/// <summary>A batch that is committed.</summary>
/// <param name="Id">The batch's number in the ledger.</param>
/// <param name="Rows">The fate of its rows.</param>
/// <param name="LastCommitUtc">Commit time at the source, UTC, of the newest change; null when no row has one.</param>
internal sealed record AppliedBatch(long Id, RowCounts Rows, DateTime? LastCommitUtc);
