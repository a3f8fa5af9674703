using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>The <c>cdc</c> schema of the analytics database: what was applied, when and with what result.</summary>
internal static class LedgerSchema
{
    private const string Statements = """
        CREATE SCHEMA IF NOT EXISTS cdc;
        CREATE TABLE IF NOT EXISTS cdc.tables (
            id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            target_schema text NOT NULL,
            target_name text NOT NULL,
            generation numeric(35,0) NOT NULL DEFAULT 0,
            floor numeric(35,0) NOT NULL DEFAULT 0,
            drained_at timestamptz,
            swept_at timestamptz,
            UNIQUE (target_schema, target_name));
        COMMENT ON TABLE cdc.tables IS 'One row per target table. Changes at or below floor are stale. drained_at and swept_at: when a listing of recent folders, or of all, was last applied wholly.';
        CREATE TABLE IF NOT EXISTS cdc.batches (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            table_id integer NOT NULL REFERENCES cdc.tables,
            committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            files integer NOT NULL, bytes bigint NOT NULL,
            read bigint NOT NULL, inserted bigint NOT NULL, updated bigint NOT NULL, unchanged bigint NOT NULL,
            deleted bigint NOT NULL, superseded bigint NOT NULL, stale bigint NOT NULL, quarantined bigint NOT NULL,
            removed bigint NOT NULL,
            CONSTRAINT every_row_accounted_for CHECK (read = inserted + updated + unchanged + deleted + superseded + stale + quarantined));
        COMMENT ON COLUMN cdc.batches.removed IS 'Rows deleted because a complete new generation does not have them; they were not read from a file.';
        CREATE TABLE IF NOT EXISTS cdc.files (
            table_id integer NOT NULL REFERENCES cdc.tables,
            key text NOT NULL,
            etag text NOT NULL,
            modified_at timestamptz NOT NULL,
            bytes bigint NOT NULL,
            batch_id bigint NOT NULL REFERENCES cdc.batches,
            PRIMARY KEY (table_id, key, etag, modified_at));
        """;

    /// <summary>Creates what is missing.</summary>
    public static async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (await connection.SingleAsync("SELECT to_regclass('cdc.files') IS NOT NULL", row => row.GetBoolean(0), cancellation))
            return;
        await CreationLock.ExecuteAsync(connection, Statements, cancellation);
    }
}
