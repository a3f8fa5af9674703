namespace CdcDms.Contract.Tables;

/// <summary>
/// A small table of the source, captured like any other, into which markers are written: numbered rows whose change version is a fence.
/// What is read from the source after a marker is settled holds all changes below the marker's version.
/// </summary>
public static class MarkerTable
{
    /// <summary>Schema and name: <c>cdcdms.marker</c>.</summary>
    public static readonly TableName Name = new("cdcdms", "marker");

    /// <summary>
    /// The table that says for which tables a marker is settled: <c>cdcdms.settled</c>. It is not captured. A read that names a row of it
    /// sees every change below the marker, whichever replica answers.
    /// </summary>
    public static readonly TableName Settled = new("cdcdms", "settled");

    /// <summary>The marker's number: 1, 2, 3 … in the order of the commits.</summary>
    public const string Number = "number";

    /// <summary>
    /// What tells the marker from all others: a source that was restored counts from an older number again, and another source has numbers
    /// of its own.
    /// </summary>
    public const string Id = "id";

    /// <summary>Seconds after which the task closes a file at the latest (<c>CdcMaxBatchInterval</c>).</summary>
    public const string IntervalSeconds = "interval_seconds";

    /// <summary>The definition with which the table is captured; no target is made of it.</summary>
    public static TableDefinition Definition { get; } = new()
    {
        Schema = Name.Schema,
        Name = Name.Name,
        Target = "cdc.markers",
        Key = [Number],
    };
}
