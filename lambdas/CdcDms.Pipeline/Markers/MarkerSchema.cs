using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Markers;

/// <summary>The tables of markers at the source.</summary>
public static class MarkerSchema
{
    private static readonly string Marker = Sql.Identifier(MarkerTable.Name);

    private static readonly string[] Tables =
    [
        $"""
        CREATE TABLE IF NOT EXISTS {Marker} (
            {MarkerTable.Number} bigint PRIMARY KEY,
            {MarkerTable.Id} uuid NOT NULL DEFAULT gen_random_uuid(),
            {MarkerTable.IntervalSeconds} integer NOT NULL,
            written_at timestamptz NOT NULL DEFAULT clock_timestamp())
        """,
        $"""
        CREATE TABLE IF NOT EXISTS {Sql.Identifier(MarkerTable.Settled)} (
            marker_id uuid NOT NULL,
            table_schema text NOT NULL,
            table_name text NOT NULL,
            settled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (marker_id, table_schema, table_name))
        """,
    ];

    /// <summary>
    /// What makes them, if they are missing, for a role that may create schemas. The role that writes markers needs INSERT, SELECT and
    /// DELETE on both.
    /// </summary>
    public static IReadOnlyList<string> Statements { get; } =
        [$"CREATE SCHEMA IF NOT EXISTS {Sql.Identifier(MarkerTable.Name.Schema)}", .. Tables];

    /// <summary>Makes the tables unless they are there.</summary>
    /// <exception cref="CdcDmsException">The role may not create them.</exception>
    public static async Task EnsureAsync(NpgsqlConnection source, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(source, cancellationToken))
            return;
        try
        {
            await CreationLock.ExecuteAsync(
                source, string.Join("; ", [Sql.CreateSchema(MarkerTable.Name.Schema), .. Tables]), cancellationToken);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The tables of markers ({MarkerTable.Name}, {MarkerTable.Settled}) are missing at the source and cannot be created "
                + $"({fault.MessageText}); create them as a role that may create schemas, with the statements that preflight --fix-sql "
                + "prints.",
                fault);
        }
    }

    // Of a schema that the role may not use, to_regclass would say so by an error.
    private static Task<bool> ExistsAsync(NpgsqlConnection source, CancellationToken cancellationToken) =>
        source.ScalarAsync<bool>(
            "SELECT count(*) = 2 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            + "WHERE n.nspname = $1 AND c.relname IN ($2, $3)",
            cancellationToken, MarkerTable.Name.Schema, MarkerTable.Name.Name, MarkerTable.Settled.Name);
}
