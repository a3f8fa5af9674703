using System.Numerics;

namespace CdcDms.Pipeline.Ledger;

/// <summary>What the ledger knows of one target table.</summary>
internal sealed record TableRecord
{
    /// <summary>Version of the newest complete generation that was swapped in; 0 for the first snapshot.</summary>
    public required BigInteger Generation { get; init; }

    /// <summary>Changes at or below this version are stale; 0 for none.</summary>
    public required BigInteger Floor { get; init; }

    /// <summary>Tombstones at or below this version are forgotten, so that such a change of an absent row is late; 0 for none.</summary>
    public required BigInteger PurgeFloor { get; init; }

    /// <summary>Start of the last listing whose files are all applied.</summary>
    public required DateTime? DrainedUtc { get; init; }

    /// <summary>The same for a listing that was not limited to recent folders.</summary>
    public required DateTime? SweptUtc { get; init; }

    /// <summary>Newest date folder of which all files are applied; null when listings are to show everything.</summary>
    public required string? NewestFolder { get; init; }

    /// <summary>When the operator let full-load files fill gaps that had come again until then; null when nobody did.</summary>
    public required DateTime? LoadsAcceptedUtc { get; init; }

    /// <summary>Columns that any file had so far, with their types there. After a resume a type is empty until the next file.</summary>
    public required IReadOnlyDictionary<string, string> SeenColumns { get; init; }

    /// <summary>Why the table is parked; null when it is not.</summary>
    public required string? ParkedCause { get; init; }
}
