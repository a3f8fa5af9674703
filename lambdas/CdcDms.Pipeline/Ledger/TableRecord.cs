using System.Numerics;
using CdcDms.Contract.Changes;

namespace CdcDms.Pipeline.Ledger;

/// <summary>What the ledger knows of one target table.</summary>
internal sealed record TableRecord
{
    /// <summary>Changes at or below this version are stale; 0 for none.</summary>
    public required BigInteger Floor { get; init; }

    /// <summary>Tombstones at or below this version are forgotten, so that such a change of an absent row is late; 0 for none.</summary>
    public required BigInteger PurgeFloor { get; init; }

    /// <summary>The lake from which the target was filled; null when the next merge says it.</summary>
    public required string? Lake { get; init; }

    /// <summary>Whether rows below the floor are still to be removed.</summary>
    public required bool HasOlderRows { get; init; }

    /// <summary>
    /// The generations of which the target may hold rows; 0 stands for rows from before the first merge. Of each the newest date folder of
    /// which all files are applied; null when listings are to show everything.
    /// </summary>
    public required IReadOnlyDictionary<int, string?> Generations { get; init; }

    /// <summary>
    /// The generation at whose full load, or just below it, the floor is: files of older generations are stale as a whole; 0 for none.
    /// </summary>
    public int FloorGeneration => ChangeVersion.From((Int128)Floor + 1).Generation;

    /// <summary>Start of the last listing whose files are all applied.</summary>
    public required DateTime? DrainedUtc { get; init; }

    /// <summary>The same for a listing that was not limited to recent folders.</summary>
    public required DateTime? SweptUtc { get; init; }

    /// <summary>
    /// What S3's clock said at least when this record was read: the time at which its lake's newest prompt marker was stored; null without
    /// one.
    /// </summary>
    public required DateTime? LakeUtc { get; init; }

    /// <summary>
    /// How often the table's folders were to be listed whole again, because it was resumed or its target is gone: what an older listing
    /// showed says nothing any more.
    /// </summary>
    public required int Restarts { get; init; }

    /// <summary>When the operator let full-load files fill gaps that had come again until then; null when nobody did.</summary>
    public required DateTime? LoadsAcceptedUtc { get; init; }

    /// <summary>Columns that any file had so far, with their types there. After a resume a type is empty until the next file.</summary>
    public required IReadOnlyDictionary<string, string> SeenColumns { get; init; }

    /// <summary>Of these, the columns that the newest files lack, or the definition leaves out: what the target holds grows old.</summary>
    public required IReadOnlySet<string> AbsentColumns { get; init; }

    /// <summary>The places of the target's columns in its registers.</summary>
    public required RegisterPlaces RegisterPlaces { get; init; }

    /// <summary>Why the table is parked; null when it is not.</summary>
    public required string? ParkedCause { get; init; }
}
