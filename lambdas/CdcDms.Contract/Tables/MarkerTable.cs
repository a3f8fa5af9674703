namespace CdcDms.Contract.Tables;

/// <summary>
/// The small table of the source into which the pipeline writes markers. It is captured like any other table, and a marker's
/// change version is a fence: whatever is read from the source after it holds all changes below it.
/// </summary>
public static class MarkerTable
{
    /// <summary>Schema and name: <c>cdcdms.marker</c>.</summary>
    public static readonly TableName Name = new("cdcdms", "marker");
}
