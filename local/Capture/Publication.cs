using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>Which tables the stream has.</summary>
internal static class Publication
{
    // A statement that waits for its lock must not hold up the stream; the next flush tries again.
    private const string LockTimeout = "2s";

    /// <summary>Makes a publication hold exactly these tables.</summary>
    /// <returns>The number of tables.</returns>
    public static async Task<int> CreateAsync(
        NpgsqlConnection connection, string name, IReadOnlyList<SourceTable> tables, CancellationToken cancellationToken)
    {
        // ONLY: children by inheritance are tables of their own. Partitions belong to their root all the same.
        var list = string.Join(", ", tables.Select(table => $"ONLY {Sql.Identifier(table.Name)}"));
        await connection.ExecuteAsync($"DROP PUBLICATION IF EXISTS {Sql.Identifier(name)}", cancellationToken);
        await connection.ExecuteAsync(
            $"CREATE PUBLICATION {Sql.Identifier(name)} FOR TABLE {list} WITH (publish_via_partition_root = true)", cancellationToken);
        return tables.Count;
    }

    /// <summary>
    /// Takes tables out of a publication: nobody reads their changes any more, and one that the source cannot send would end the stream.
    /// </summary>
    /// <returns>Whether they are out; false if one is locked, gone or in a schema that the role may not use.</returns>
    public static async Task<bool> LeaveOutAsync(
        NpgsqlConnection connection, string name, IEnumerable<uint> oids, CancellationToken cancellationToken)
    {
        const string find =
            "SELECT r.prrelid::regclass::text FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid "
            + "WHERE p.pubname = $1 AND r.prrelid = ANY ($2::bigint[]::oid[])";
        var published = await connection
            .QueryAsync(find, row => row.GetString(0), cancellationToken, name, oids.Select(oid => (long)oid).ToArray())
            .ToListAsync(cancellationToken);
        if (published.Count == 0)
            return true;
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await connection.ExecuteAsync($"SET LOCAL lock_timeout = '{LockTimeout}'", cancellationToken);
            await connection.ExecuteAsync(
                $"ALTER PUBLICATION {Sql.Identifier(name)} DROP TABLE {string.Join(", ", published.Select(table => $"ONLY {table}"))}",
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.LockNotAvailable
            or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return false;
        }
    }
}
