using System.Text.Json.Serialization;
using CdcDms.Contract.Changes;

namespace CdcDms.Contract.Tables;

/// <summary>What happens to a target row when its source row is deleted.</summary>
public enum DeleteMode
{
    /// <summary>The row is deleted; a tombstone stays, so that no older change can bring the row back.</summary>
    [JsonStringEnumMemberName("hard")]
    Hard,

    /// <summary>The row stays with its last image, marked as deleted.</summary>
    [JsonStringEnumMemberName("soft")]
    Soft,
}

/// <summary>What happens when a change file has a column that is neither listed nor in the target table.</summary>
public enum NewColumnPolicy
{
    /// <summary>
    /// The target gets the column, and the table is unproven: rows that did not change since lack the column's value.
    /// </summary>
    [JsonStringEnumMemberName("add")]
    Add,

    /// <summary>The column is left out.</summary>
    [JsonStringEnumMemberName("ignore")]
    Ignore,

    /// <summary>The table is parked until somebody decides.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,
}

/// <summary>What NULL means in an update, for the types that DMS treats as LOBs (docs/dms-contract.md#unchanged-large-values).</summary>
public enum LobUpdates
{
    /// <summary>NULL is NULL.</summary>
    [JsonStringEnumMemberName("trust")]
    Trust,

    /// <summary>
    /// NULL may mean "unchanged" (TOAST): each such column keeps its last value from an insert, a snapshot, or an update in which it is not
    /// NULL. A true change to NULL is not seen.
    /// </summary>
    [JsonStringEnumMemberName("keepOnNull")]
    KeepOnNull,
}

/// <summary>What happens to a change that the target refuses.</summary>
public enum BadRowPolicy
{
    /// <summary>The change is put aside with the target's error, and the rest of the batch commits.</summary>
    [JsonStringEnumMemberName("quarantine")]
    Quarantine,

    /// <summary>The change's batch fails.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,
}

/// <summary>Where the order of changes comes from.</summary>
public enum ChangeOrdering
{
    /// <summary>The 35 digits of <see cref="ChangeColumns.Sequence"/>: a total order of the changes of a generation.</summary>
    [JsonStringEnumMemberName("changeSequence")]
    ChangeSequence,

    /// <summary>
    /// The commit time of <see cref="ChangeColumns.Timestamp"/>, then the time in the file's name, then the row's place in the file: for
    /// lakes that were made without the header column. Weaker: a change that is delivered again in a later file may win over one of the
    /// same microsecond.
    /// </summary>
    [JsonStringEnumMemberName("timestamp")]
    Timestamp,
}
