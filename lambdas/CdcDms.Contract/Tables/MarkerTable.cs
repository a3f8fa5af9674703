namespace CdcDms.Contract.Tables;

/// <summary>
/// A small table of the source, captured like any other and reserved for markers: rows whose change version is a fence, because
/// whatever is read from the source after a marker holds all changes below it. Nothing writes markers yet.
/// </summary>
public static class MarkerTable
{
    /// <summary>Schema and name: <c>cdcdms.marker</c>.</summary>
    public static readonly TableName Name = new("cdcdms", "marker");
}
