using System.Text.Json.Serialization;

namespace CdcDms.Local.Capture;

/// <summary>How much is wrong with a marked table.</summary>
public enum MarkKind
{
    /// <summary>The table is captured, but something happened to it that sends no rows: the lake may differ from the source.</summary>
    Unproven,

    /// <summary>The table is captured no more; its rows in the lake stay as they are.</summary>
    GivenUp,
}

/// <summary>
/// A table of which the lake does not say everything, with the cause. Marks are in the checkpoint, beside the position from which on the
/// changes are missing, so that neither can be there without the other.
/// </summary>
public sealed record TableMark
{
    /// <summary>The table, <c>schema.name</c>.</summary>
    public required string Table { get; init; }

    /// <summary>How much is wrong.</summary>
    public required MarkKind Kind { get; init; }

    /// <summary>What happened, as a sentence without its full stop.</summary>
    public required string Cause { get; init; }

    /// <summary>When it was noticed, by this machine's clock, UTC.</summary>
    public required DateTime NoticedUtc { get; init; }

    /// <summary>The mark in words: what happened, and what to do.</summary>
    [JsonIgnore]
    public string Sentence =>
        $"{Table} {(Kind == MarkKind.GivenUp ? "is captured no more" : "may differ from the source")} since "
        + $"{NoticedUtc:yyyy-MM-dd HH:mm:ss} UTC: {Cause}. {(Kind == MarkKind.GivenUp ? "The other tables go on" : "repair --all cures "
        + "it")}; a new generation (capture --generation) loads all tables anew.";
}
