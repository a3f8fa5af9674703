namespace CdcDms.Pipeline.Catalog;

/// <summary>A table and its partitions, which may have more than the table hands down to them.</summary>
internal static class PartitionTree
{
    /// <summary>The beginning of a query about the table <c>$1</c>: <c>tree</c> has each <c>id</c>, and whose it is, in words.</summary>
    public const string Sql =
        "WITH tree (id, of) AS (SELECT $1::oid, '' UNION ALL SELECT p.relid, ' of ' || p.relid::regclass "
        + "FROM pg_partition_tree($1::oid::regclass) p WHERE p.relid <> $1::oid)";
}
