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

    /// <summary>
    /// Seconds after which a marker is in a file at the latest while nothing is late: those after which the task closes one
    /// (<c>CdcMaxBatchInterval</c>); through a stream, twice those that a batch waits for records.
    /// </summary>
    public const string IntervalSeconds = "interval_seconds";

    /// <summary>
    /// Of a marker that came through a stream: the id of the shard that it passed. The source does not have these columns,
    /// only the lake does: a marker has come when it passed every shard of a list.
    /// </summary>
    public const string Shard = "shard";

    /// <summary>How many shards the list has.</summary>
    public const string Shards = "shards";

    /// <summary>What tells the list from others.</summary>
    public const string ShardList = "shard_list";

    /// <summary>The definition with which the table is captured; no target is made of it.</summary>
    public static TableDefinition Definition { get; } = new()
    {
        Schema = Name.Schema,
        Name = Name.Name,
        Target = "cdc.markers",
        Key = [Number],
    };
}
