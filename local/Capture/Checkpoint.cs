using System.Text.Json.Serialization;

namespace CdcDms.Local.Capture;

/// <summary>The two parts of a capture's life.</summary>
public enum CapturePhase
{
    /// <summary>LOAD files are being written. Killed here, a capture starts a new generation.</summary>
    Snapshot,

    /// <summary>Changes are being streamed. Killed here, a capture resumes.</summary>
    Stream,
}

/// <summary>
/// The capture's memory, one object in the lake. It is written after the files that it speaks of and before the slot is told,
/// so at every moment the slot still holds whatever comes after it.
/// </summary>
internal sealed record Checkpoint
{
    /// <summary>Whether the capture was in its snapshot or in the stream.</summary>
    public required CapturePhase Phase { get; init; }

    /// <summary>The generation that the capture writes, from 1.</summary>
    public required int Generation { get; init; }

    /// <summary>The slot, and the publication of the same name.</summary>
    public required string Slot { get; init; }

    /// <summary>
    /// Every transaction that committed before this position is in the lake; PostgreSQL's text form, <c>0/0</c> before the snapshot is
    /// complete.
    /// </summary>
    public required string Lsn { get; init; }

    /// <summary>
    /// Largest commit time of the transactions before <see cref="Lsn"/>: the time in the sequences to come never falls below it.
    /// </summary>
    public required DateTime LargestCommitUtc { get; init; }

    /// <summary>
    /// The last transaction before <see cref="Lsn"/> that had rows of the capture; at <c>0/0</c> none since the snapshot. Null in a
    /// checkpoint of before it was kept.
    /// </summary>
    public CapturedTransaction? LastTransaction { get; init; }

    /// <summary>
    /// When the newest CDC file was made, as its name says, that has only transactions before <see cref="Lsn"/>, and no older one has
    /// others; null for none since the snapshot, and in a checkpoint of before it was kept.
    /// </summary>
    public DateTime? LastFileUtc { get; init; }

    /// <summary>The database cluster whose WAL <see cref="Lsn"/> is a position of: its system identifier.</summary>
    public required string System { get; init; }

    /// <summary>The timeline of that WAL: each restore and each promotion of a standby begins another.</summary>
    public required uint Timeline { get; init; }

    /// <summary>The captured tables as they were at <see cref="Lsn"/> or later, ordered by name.</summary>
    public required IReadOnlyList<CapturedTable> Tables { get; init; }

    /// <summary>
    /// Those of <see cref="Tables"/> that joined the stream of the running generation and whose full load is to come; null for none.
    /// </summary>
    public IReadOnlyList<string>? Unloaded { get; init; }

    /// <summary>What the lake does not say of its tables. The marks stay as long as the lake: only a new snapshot cures them.</summary>
    public required IReadOnlyList<TableMark> Marks { get; init; }

    /// <summary>The checkpoint with which the snapshot of a generation begins.</summary>
    public static Checkpoint First(int generation, string slot, string system, uint timeline, IReadOnlyList<CapturedTable> tables) => new()
    {
        Phase = CapturePhase.Snapshot,
        Generation = generation,
        Slot = slot,
        Lsn = "0/0",
        LargestCommitUtc = CapturedTransaction.None.CommittedUtc,
        LastTransaction = CapturedTransaction.None,
        System = system,
        Timeline = timeline,
        Tables = tables,
        Marks = [],
    };
}

/// <summary>A transaction as the WAL has it.</summary>
/// <param name="Lsn">Where the record of its commit begins.</param>
/// <param name="Number">Its number.</param>
/// <param name="CommittedUtc">The time of its commit, by the source's clock.</param>
internal sealed record CapturedTransaction(string Lsn, uint Number, DateTime CommittedUtc)
{
    /// <summary>No transaction: all are later.</summary>
    public static CapturedTransaction None { get; } = new("0/0", 0, DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Checkpoint))]
[JsonSerializable(typeof(CapturedTable))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
