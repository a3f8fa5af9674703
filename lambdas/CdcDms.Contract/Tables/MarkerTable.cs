namespace CdcDms.Contract.Tables;

/// <summary>
/// A small table of the source, captured like any other and reserved for markers: rows whose change version is a fence, because
/// whatever is read from the source after a marker holds all changes below it. Nothing writes markers yet.
/// </summary>
public static class MarkerTable
{
    /// <summary>Schema and name: <c>cdcdms.marker</c>.</summary>
    public static readonly TableName Name = new("cdcdms", "marker");

    /// <summary>The statement that makes the table in its schema, unless it is there.</summary>
    public const string Create =
        """
        CREATE TABLE IF NOT EXISTS cdcdms.marker (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            written_at timestamptz NOT NULL DEFAULT clock_timestamp())
        """;
}
