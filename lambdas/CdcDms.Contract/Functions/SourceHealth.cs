using System.Text.Json.Serialization;

namespace CdcDms.Contract.Functions;

/// <summary>The source database.</summary>
public sealed record SourceHealth
{
    /// <summary>The server's version, such as <c>17.2</c>.</summary>
    public required string Version { get; init; }

    /// <summary>When the newest marker was written, UTC, by the source's clock; null without one that can be read.</summary>
    public DateTime? NewestMarkerUtc { get; init; }

    /// <summary>The age of that marker in seconds, by the source's clock.</summary>
    public long? NewestMarkerSeconds { get; init; }

    /// <summary>Its logical replication slots, those of other programs as well.</summary>
    public required IReadOnlyList<SlotHealth> Slots { get; init; }
}

/// <summary>A logical replication slot at the source.</summary>
public sealed record SlotHealth
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether somebody reads it now.</summary>
    [JsonPropertyName("active")]
    public required bool IsActive { get; init; }

    /// <summary>Bytes of WAL that the source keeps for it; null when it keeps none.</summary>
    public long? RetainedBytes { get; init; }

    /// <summary>Bytes of WAL that its reader has not confirmed; null when it keeps none.</summary>
    public long? UnreadBytes { get; init; }

    /// <summary>
    /// Whether the source has removed, or is about to remove, WAL that it needs (PostgreSQL: pg_replication_slots, <c>wal_status</c>).
    /// </summary>
    [JsonPropertyName("lost")]
    public required bool IsLost { get; init; }
}

/// <summary>A file of certificate authorities by which a database is trusted.</summary>
/// <param name="Database"><c>source</c> or <c>analytics</c>.</param>
/// <param name="EndsUtc">When the last of its certificates ends, UTC.</param>
public sealed record CertificateHealth(string Database, DateTime EndsUtc);

/// <summary>The secret by which functions reach a database.</summary>
/// <param name="Database"><c>source</c>, <c>validation source</c> (by which rows are read for proofs) or <c>analytics</c>.</param>
/// <param name="ChangedUtc">When it was last rotated, or else changed in any way, UTC.</param>
/// <param name="RotationDueUtc">
/// On or before when the next rotation is to happen, UTC, which has passed where a rotation fails; null where it is not rotated by itself.
/// </param>
public sealed record SecretHealth(string Database, DateTime ChangedUtc, DateTime? RotationDueUtc);
