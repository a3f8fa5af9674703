using CdcDms.Contract.Changes;
using CdcDms.Contract.Lake;

namespace CdcDms.Pipeline.Ledger;

/// <summary>A marker as it came through the lake.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Id">What tells it from all others.</param>
/// <param name="Version">The version under which it came.</param>
/// <param name="CommittedUtc">When it was committed at the source.</param>
/// <param name="IntervalSeconds">Seconds after which the task closes a file at the latest.</param>
/// <param name="Object">The object in which it came.</param>
internal sealed record Marker(
    long Number, Guid Id, ChangeVersion Version, DateTime CommittedUtc, int IntervalSeconds, LakeObject Object);
