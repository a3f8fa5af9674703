using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>About how many rows a full load will have.</summary>
internal static class ExpectedRows
{
    private const string Sql = """
        WITH RECURSIVE tree(oid) AS (
          SELECT $1::oid
          UNION ALL
          SELECT i.inhrelid FROM tree JOIN pg_class p ON p.oid = tree.oid AND p.relkind = 'p' JOIN pg_inherits i ON i.inhparent = tree.oid)
        SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint FROM tree JOIN pg_class c ON c.oid = tree.oid WHERE c.relkind <> 'p'
        """;

    /// <summary>Rows of a table and its partitions, as the server's last ANALYZE has them; 0 when nobody knows.</summary>
    public static Task<long> ReadAsync(NpgsqlConnection connection, uint table, CancellationToken cancellationToken) =>
        connection.ScalarAsync<long>(Sql, cancellationToken, (long)table);
}
