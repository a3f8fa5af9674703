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

    /// <summary>Adds a table, unless the publication has it.</summary>
    /// <returns>Whether it is in; false if somebody has it locked.</returns>
    public static async Task<bool> AddAsync(
        NpgsqlConnection connection, string name, SourceTable table, CancellationToken cancellationToken)
    {
        const string has =
            "SELECT EXISTS (SELECT FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid WHERE p.pubname = $1 "
            + "AND r.prrelid = $2::oid)";
        return await connection.ScalarAsync<bool>(has, cancellationToken, name, (long)table.Oid)
            || await AlterAsync(connection, name, $"ADD TABLE ONLY {Sql.Identifier(table.Name)}", cancellationToken);
    }

    /// <summary>Makes PostgreSQL read the publication anew.</summary>
    public static Task TouchAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            $"ALTER PUBLICATION {Sql.Identifier(name)} SET (publish_via_partition_root = true)", cancellationToken);

    /// <summary>Takes out what is not among some tables.</summary>
    /// <returns>Whether they are out, as of <see cref="LeaveOutAsync"/>.</returns>
    public static async Task<bool> LeaveOutOthersAsync(
        NpgsqlConnection connection, string name, IEnumerable<uint> oids, CancellationToken cancellationToken)
    {
        const string others =
            "SELECT r.prrelid FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid "
            + "WHERE p.pubname = $1 AND r.prrelid <> ALL ($2::bigint[]::oid[])";
        var found = await connection
            .QueryAsync(others, row => row.GetFieldValue<uint>(0), cancellationToken, name, oids.Select(oid => (long)oid).ToArray())
            .ToListAsync(cancellationToken);
        return await LeaveOutAsync(connection, name, found, cancellationToken);
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
        return await AlterAsync(
            connection, name, $"DROP TABLE {string.Join(", ", published.Select(table => $"ONLY {table}"))}", cancellationToken);
    }

    /// <summary>Whether the role may change a publication.</summary>
    public static Task<bool> IsOwnAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>(
            "SELECT pg_has_role(pubowner, 'USAGE') FROM pg_publication WHERE pubname = $1", cancellationToken, name);

    private static async Task<bool> AlterAsync(
        NpgsqlConnection connection, string name, string change, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await connection.ExecuteAsync($"SET LOCAL lock_timeout = '{LockTimeout}'", cancellationToken);
            await connection.ExecuteAsync($"ALTER PUBLICATION {Sql.Identifier(name)} {change}", cancellationToken);
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
