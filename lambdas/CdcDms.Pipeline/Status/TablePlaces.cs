using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Status;

/// <summary>Where a table is on its way, place by place. Each was read at a time of its own, while everything may have moved.</summary>
/// <param name="Table">The source table, <c>schema.name</c>.</param>
public sealed record TablePlaces(string Table)
{
    /// <summary>The target table, <c>schema.name</c>.</summary>
    public string? Target { get; init; }

    /// <summary>The source; null when it is not known, and for a table that is fed from plain files.</summary>
    public SourcePlace? Source { get; init; }

    /// <summary>The lake.</summary>
    public LakePlace? Lake { get; init; }

    /// <summary>The analytics database.</summary>
    public AnalyticsPlace? Analytics { get; init; }

    /// <summary>What somebody should know besides, each a sentence.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What could not be read, each a sentence; the rest was.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];
}

/// <summary>A table at the source.</summary>
/// <param name="ReadUtc">When rows were counted, by the clock of the source.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="NewestMarker">The newest marker that was written; null without one.</param>
/// <param name="MarkersMissingSinceUtc">When the oldest marker was written that the lake does not have; null when it has all.</param>
public sealed record SourcePlace(DateTime ReadUtc, long Rows, MarkerPoint? NewestMarker, DateTime? MarkersMissingSinceUtc);

/// <summary>A table in the lake.</summary>
/// <param name="ReadUtc">When the lake was listed, by the clock of this machine: what is told of it is in the files of that moment.</param>
public sealed record LakePlace(DateTime ReadUtc)
{
    /// <summary>Files from which the table's rows can be made.</summary>
    public required int Files { get; init; }

    /// <summary>Rows that a merge of these files into an empty target would give; null when they could not be counted.</summary>
    public long? Rows { get; init; }

    /// <summary>The version of the newest change, 38 digits; null without one.</summary>
    public string? NewestVersion { get; init; }

    /// <summary>The latest commit time of a change, UTC; null without one.</summary>
    public DateTime? NewestCommitUtc { get; init; }

    /// <summary>The newest marker in the files; null without one.</summary>
    public MarkerPoint? NewestMarker { get; init; }

    /// <summary>Files that are not merged yet; null when the ledger could not be read.</summary>
    public int? WaitingFiles { get; init; }

    /// <summary>Their bytes.</summary>
    public long? WaitingBytes { get; init; }

    /// <summary>When the first of them was stored, UTC, by the clock of S3; null when none waits.</summary>
    public DateTime? WaitingSinceUtc { get; init; }
}

/// <summary>A table in the analytics database.</summary>
/// <param name="ReadUtc">When rows were counted, by the clock of the analytics database.</param>
public sealed record AnalyticsPlace(DateTime ReadUtc)
{
    /// <summary>Its rows, without those that are only marked as deleted; null when it does not exist yet.</summary>
    public long? Rows { get; init; }

    /// <summary>The newest version of a row or a delete that is remembered, 38 digits; null without one.</summary>
    public string? NewestVersion { get; init; }

    /// <summary>
    /// The latest commit time of a row, UTC; where the newest change is a delete, of which no commit time is kept, the time that its
    /// version begins with. Null without one.
    /// </summary>
    public DateTime? NewestCommitUtc { get; init; }

    /// <summary>The newest marker that was merged; null without one.</summary>
    public MarkerPoint? NewestMarker { get; init; }

    /// <summary>The newest marker that is due: every change of the table from before it is merged. Null while none is.</summary>
    public MarkerPoint? DueMarker { get; init; }
}

/// <summary>How far the counting of a table is.</summary>
/// <param name="Table">The source table.</param>
/// <param name="ReadFiles">Files of the lake that were read.</param>
/// <param name="Files">Files of the lake.</param>
public sealed record CountProgress(TableName Table, int ReadFiles, int Files);
