namespace CdcDms.Local.Views.Live;

/// <summary>All that a live view draws, at one time.</summary>
internal sealed record LiveSnapshot
{
    public required DateTime NowUtc { get; init; }

    /// <summary>What happens now, in a few words.</summary>
    public required string Step { get; init; }

    public required DateTime StartedUtc { get; init; }

    /// <summary>What has happened so far, in numbers; may be empty.</summary>
    public required string Counts { get; init; }

    /// <summary>What is counted of the tables: <c>rows merged</c>.</summary>
    public required string Counted { get; init; }

    /// <summary>The tables in the order in which they were named first.</summary>
    public required IReadOnlyList<LiveTable> Tables { get; init; }

    /// <summary>The newest lines of the log, oldest first.</summary>
    public required IReadOnlyList<LogLine> Log { get; init; }
}

/// <summary>A line of a live view's log.</summary>
internal sealed record LogLine(DateTime AtUtc, string Text, Tone Tone);
