using System.Numerics;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>Reads and writes one table's part of the ledger, in whatever transaction the connection has.</summary>
internal sealed class TableLedger
{
    // First half of the advisory lock of a target table; the second is the table's number.
    private const int LockClass = 0x4364_6344;
    private const string Find = "SELECT id FROM cdc.tables WHERE target_schema = $1 AND target_name = $2";

    private readonly NpgsqlConnection _connection;
    private readonly int _id;

    private TableLedger(NpgsqlConnection connection, int id)
    {
        _connection = connection;
        _id = id;
    }

    /// <summary>The table that holds the tombstones of this target, in the schema <c>cdc</c>.</summary>
    public TableName Tombstones => new("cdc", $"tombstones_{_id}");

    /// <summary>Finds the table's part of the ledger, or makes it.</summary>
    public static async Task<TableLedger> OpenAsync(NpgsqlConnection connection, TableName target, CancellationToken cancellation)
    {
        await LedgerSchema.EnsureAsync(connection, cancellation);
        await connection.ExecuteAsync(
            $"INSERT INTO cdc.tables (target_schema, target_name) SELECT $1, $2 WHERE NOT EXISTS ({Find}) ON CONFLICT DO NOTHING",
            cancellation, target.Schema, target.Name);
        return new TableLedger(connection, await connection.SingleAsync(Find, row => row.GetInt32(0), cancellation, target.Schema, target.Name));
    }

    /// <summary>The statements that forget what was applied to a target that is gone: the table that takes its place is filled from the whole lake.</summary>
    public static async Task<string> ForgettingAsync(NpgsqlConnection connection, TableName target, CancellationToken cancellation)
    {
        if (!await connection.SingleAsync("SELECT to_regclass('cdc.files') IS NOT NULL", row => row.GetBoolean(0), cancellation))
            return "";
        var id = await connection.QueryAsync(Find, row => row.GetInt32(0), cancellation, target.Schema, target.Name).FirstOrDefaultAsync(cancellation);
        return $"""
            DELETE FROM cdc.files WHERE table_id = {id};
            DROP TABLE IF EXISTS {Sql.Identifier(new TableLedger(connection, id).Tombstones)};
            UPDATE cdc.tables SET generation = 0, floor = 0, drained_at = NULL, swept_at = NULL WHERE id = {id}
            """;
    }

    /// <summary>Locks the target until the transaction ends.</summary>
    /// <param name="shared">True for rows that only fill gaps: such batches may run side by side.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public Task LockAsync(bool shared, CancellationToken cancellation) =>
        _connection.ExecuteAsync(
            shared ? "SELECT pg_advisory_xact_lock_shared($1, $2)" : "SELECT pg_advisory_xact_lock($1, $2)", cancellation, LockClass, _id);

    /// <summary>The table's record as it is now.</summary>
    public Task<TableRecord> ReadAsync(CancellationToken cancellation) =>
        _connection.SingleAsync(
            "SELECT id, generation, floor, drained_at, swept_at FROM cdc.tables WHERE id = $1",
            row => new TableRecord(
                row.GetInt32(0), row.GetFieldValue<BigInteger>(1), row.GetFieldValue<BigInteger>(2),
                row.IsDBNull(3) ? null : row.GetDateTime(3), row.IsDBNull(4) ? null : row.GetDateTime(4)),
            cancellation, _id);

    /// <summary>Those of the objects that were not applied yet, in their order.</summary>
    public async Task<List<LakeObject>> PendingAsync(IReadOnlyList<LakeObject> objects, CancellationToken cancellation)
    {
        const string sql = """
            SELECT o.place::int FROM unnest($2::text[], $3::text[], $4::timestamptz[]) WITH ORDINALITY AS o (key, etag, modified_at, place)
            WHERE NOT EXISTS (
                SELECT FROM cdc.files f WHERE f.table_id = $1 AND f.key = o.key AND f.etag = o.etag AND f.modified_at = o.modified_at)
            ORDER BY o.place
            """;
        return await _connection.QueryAsync(
            sql, row => objects[row.GetInt32(0) - 1], cancellation,
            _id, Keys(objects), ETags(objects), Times(objects)).ToListAsync(cancellation);
    }

    /// <summary>Records a batch and its files.</summary>
    /// <returns>The number of files that were not recorded before.</returns>
    public async Task<long> RecordAsync(IReadOnlyList<LakeObject> files, RowCounts rows, long removed, CancellationToken cancellation)
    {
        var batch = await _connection.SingleAsync(
            """
            INSERT INTO cdc.batches (table_id, files, bytes, read, inserted, updated, unchanged, deleted, superseded, stale, quarantined, removed)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id
            """,
            row => row.GetInt64(0), cancellation,
            _id, files.Count, files.Sum(file => file.Bytes), rows.Read, rows.Inserted, rows.Updated, rows.Unchanged,
            rows.Deleted, rows.Superseded, rows.Stale, rows.Quarantined, removed);
        return await _connection.ExecuteAsync(
            """
            INSERT INTO cdc.files (table_id, key, etag, modified_at, bytes, batch_id)
            SELECT $1, key, etag, modified_at, bytes, $2 FROM unnest($3::text[], $4::text[], $5::timestamptz[], $6::bigint[]) AS f (key, etag, modified_at, bytes)
            ON CONFLICT DO NOTHING
            """,
            cancellation, _id, batch, Keys(files), ETags(files), Times(files), files.Select(file => file.Bytes).ToArray());
    }

    /// <summary>Records that a complete generation was swapped in; what is not above it is stale from now on.</summary>
    public Task RaiseFloorAsync(BigInteger generation, CancellationToken cancellation) =>
        _connection.ExecuteAsync("UPDATE cdc.tables SET generation = $2, floor = $2 WHERE id = $1", cancellation, _id, generation);

    /// <summary>Records that all files of a listing are applied.</summary>
    public Task DrainedAsync(Listing listing, CancellationToken cancellation) =>
        _connection.ExecuteAsync(
            "UPDATE cdc.tables SET drained_at = $2, swept_at = CASE WHEN $3 THEN $2 ELSE swept_at END WHERE id = $1",
            cancellation, _id, listing.ListedUtc, listing.Whole);

    private static string[] Keys(IReadOnlyList<LakeObject> objects) => [.. objects.Select(found => found.Key)];

    private static string[] ETags(IReadOnlyList<LakeObject> objects) => [.. objects.Select(found => found.ETag)];

    private static DateTime[] Times(IReadOnlyList<LakeObject> objects) => [.. objects.Select(found => found.ModifiedUtc)];
}
