using System.Text.Json.Serialization;

namespace CdcDms.Pipeline.Ledger;

/// <summary>What makes a table unproven.</summary>
public enum UnprovenCause
{
    /// <summary>A generation began, the first or a later one: rows that were deleted before it may be left.</summary>
    [JsonStringEnumMemberName("generationBegan")]
    GenerationBegan,

    /// <summary>
    /// Rows of a full load were merged: they say nothing of rows that were deleted or changed while no task read the source.
    /// </summary>
    [JsonStringEnumMemberName("loaded")]
    Loaded,

    /// <summary>The table was parked, and resumed.</summary>
    [JsonStringEnumMemberName("resumed")]
    Resumed,

    /// <summary>The target got a column: rows that did not change since lack its values.</summary>
    [JsonStringEnumMemberName("columnAdded")]
    ColumnAdded,

    /// <summary>A column got a wider type, as at the source, where all its values may have been written anew.</summary>
    [JsonStringEnumMemberName("columnWidened")]
    ColumnWidened,

    /// <summary>A quarantined change was given up.</summary>
    [JsonStringEnumMemberName("changeDropped")]
    ChangeDropped,

    /// <summary>
    /// A quarantined change was merged and was not stale: a proof that found its row absent on both sides said nothing of it.
    /// </summary>
    [JsonStringEnumMemberName("changeRetried")]
    ChangeRetried,
}

/// <summary>Why nobody knows whether a table has exactly the rows of its source.</summary>
/// <param name="Cause">What happened.</param>
/// <param name="Subject">The generation or the column; empty where there is none.</param>
/// <param name="SinceUtc">When it happened last.</param>
public sealed record Unproven(UnprovenCause Cause, string Subject, DateTime SinceUtc);
