using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>Refuses a loop: a table that is its own target.</summary>
internal static class SameTable
{
    /// <summary>Compares names only when both connections reach one database of one server, whatever their host names say.</summary>
    /// <exception cref="CdcDmsException">Source and target are the same table.</exception>
    public static async Task RefuseAsync(
        NpgsqlConnection source, NpgsqlConnection target, TableDefinition table, CancellationToken cancellationToken)
    {
        if (table.Source == table.TargetName
            && await IdentityAsync(source, cancellationToken) == await IdentityAsync(target, cancellationToken))
            throw new CdcDmsException(
                ErrorKind.BadDefinition, $"{table.Source} is both source and target; name another target table or database.");
    }

    private static Task<string> IdentityAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ScalarAsync<string>(
            """
            SELECT (SELECT oid::text FROM pg_database WHERE datname = current_database())
                || ' ' || pg_postmaster_start_time()::text || ' ' || coalesce(inet_server_port(), 0)
            """,
            cancellationToken);
}
