using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>
/// Finds tables of which a snapshot sees nothing since they were rewritten after it was taken. PostgreSQL, "Caveats" of MVCC: it finds a
/// table empty that TRUNCATE or ALTER TABLE has given a new file. VACUUM FULL keeps the rows.
/// </summary>
internal static class HiddenRows
{
    // The file of the rows as the snapshot knows it, and as it is: PostgreSQL's functions see the catalog of now.
    private const string Rewritten =
        """
        WITH RECURSIVE tree (oid) AS (
          SELECT $1::oid UNION ALL
          SELECT i.inhrelid FROM tree JOIN pg_class p ON p.oid = tree.oid AND p.relkind = 'p' JOIN pg_inherits i ON i.inhparent = tree.oid)
        SELECT format('%I.%I', n.nspname, c.relname)
        FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND pg_relation_filenode(c.oid) <> c.relfilenode AND pg_relation_size(c.oid) > 0 ORDER BY 1
        """;

    /// <summary>The names of such tables: a table itself, or partitions of it.</summary>
    /// <param name="connection">A connection with the snapshot.</param>
    /// <param name="oid">The table.</param>
    public static async Task<IReadOnlyList<string>> FindAsync(NpgsqlConnection connection, uint oid, CancellationToken cancellationToken)
    {
        var rewritten = await connection
            .QueryAsync(Rewritten, row => row.GetString(0), cancellationToken, (long)oid)
            .ToListAsync(cancellationToken);
        var hidden = new List<string>();
        foreach (var name in rewritten)
            if (!await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM ONLY {name})", cancellationToken))
                hidden.Add(name);
        return hidden;
    }
}
