namespace CdcDms.Contract.Lake;

/// <summary>
/// The statement that one generation of a table is complete: these objects hold every row that the table had, and nothing else.
/// Written after the last object. Without it nothing is ever deleted for being absent.
/// </summary>
public sealed record SnapshotManifest
{
    /// <summary>Schema of the source table.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the source table.</summary>
    public required string Name { get; init; }

    /// <summary>The generation's version, 35 digits; zeros for the first.</summary>
    public required string Generation { get; init; }

    /// <summary>The snapshot's files; none when the table had no rows.</summary>
    public required IReadOnlyList<ManifestObject> Objects { get; init; }

    /// <summary>Rows of all objects together, as the capture counted them at the source.</summary>
    public required long Rows { get; init; }
}
