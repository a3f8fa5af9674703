namespace CdcDms.Pipeline.Catalog;

/// <summary>A unique index, also that of a primary key or a unique constraint.</summary>
/// <param name="Name">The index's name; of a partition's own index, with the partition.</param>
/// <param name="IsPrimary">Whether the index is the primary key's.</param>
/// <param name="IsPlain">Whether the index holds at once, for all rows, over columns alone: then it can identify rows.</param>
/// <param name="IsDeferrable">Whether the index may hold at the end of a transaction only.</param>
/// <param name="Columns">The key columns, in the index's order, without those under a collation with another equality.</param>
/// <param name="Removal">The statement that drops the index, or its constraint.</param>
internal sealed record UniqueIndex(
    string Name, bool IsPrimary, bool IsPlain, bool IsDeferrable, IReadOnlyList<string> Columns, string Removal);
