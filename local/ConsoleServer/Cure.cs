using System.Text.Json.Serialization;

namespace CdcDms.Local.ConsoleServer;

/// <summary>What a console may do about what is wrong.</summary>
internal enum CureKind
{
    /// <summary>A parked table goes on.</summary>
    [JsonStringEnumMemberName("resume")]
    Resume,

    /// <summary>Rows that differ are made as they are at the source.</summary>
    [JsonStringEnumMemberName("repair")]
    Repair,

    /// <summary>The whole table is compared, and what differs is repaired.</summary>
    [JsonStringEnumMemberName("repair-all")]
    RepairAll,

    /// <summary>DMS loads the table again.</summary>
    [JsonStringEnumMemberName("reload")]
    Reload,

    /// <summary>Quarantined changes are tried again.</summary>
    [JsonStringEnumMemberName("retry")]
    Retry,

    /// <summary>Quarantined changes are given up.</summary>
    [JsonStringEnumMemberName("drop")]
    Drop,
}

/// <summary>A cure that a page has started.</summary>
internal sealed record Cure
{
    /// <summary>Its number in this console.</summary>
    public required int Id { get; init; }

    public required CureKind Kind { get; init; }

    /// <summary>The target table.</summary>
    public required string Target { get; init; }

    public required DateTime StartedUtc { get; init; }

    /// <summary>When it ended; null while it goes on.</summary>
    public DateTime? EndedUtc { get; init; }

    /// <summary>Whether it ended well; null while it goes on.</summary>
    public bool? IsDone { get; init; }

    /// <summary>What it said last: how far it is, what came of it, or why it failed.</summary>
    public required string Told { get; init; }
}

/// <summary>What a page asks for.</summary>
internal sealed record CureOrder
{
    public required CureKind Kind { get; init; }

    /// <summary>Of quarantined changes: their numbers. Default: null; all of the table, where they are tried again.</summary>
    public IReadOnlyList<long>? Ids { get; init; }
}

/// <summary>A cure that a page may ask for now.</summary>
/// <param name="Kind">The cure.</param>
/// <param name="Will">What will happen, for one who is to say yes.</param>
internal sealed record CureOffer(CureKind Kind, string Will);

/// <summary><c>/api/cures</c>, the newest first.</summary>
internal sealed record ConsoleCures(IReadOnlyList<Cure> Cures);
