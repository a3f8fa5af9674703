namespace CdcDms.Contract.Lake;

/// <summary>
/// The statement that a table's full load in one generation is complete: these objects hold every row that the table had, and nothing
/// else. Written after the last object. Without it no row is ever removed because a newer generation lacks it.
/// </summary>
public sealed record SnapshotManifest
{
    /// <summary>Schema of the source table.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the source table.</summary>
    public required string Name { get; init; }

    /// <summary>The generation, from 1.</summary>
    public required int Generation { get; init; }

    /// <summary>The full load's files; none when the table had no rows.</summary>
    public required IReadOnlyList<ManifestObject> Objects { get; init; }
}
