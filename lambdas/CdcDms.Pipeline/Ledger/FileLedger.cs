using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>A batch in the ledger.</summary>
/// <param name="Id">The batch's number.</param>
/// <param name="NewFiles">How many of the batch's files were not in the ledger before.</param>
internal sealed record RecordedBatch(long Id, long NewFiles);

/// <summary>Which files of a table were applied, in which batch, and which cannot be read.</summary>
/// <param name="connection">A connection; what is written goes into its transaction.</param>
/// <param name="tableId">The table's number in the ledger.</param>
internal sealed class FileLedger(NpgsqlConnection connection, int tableId)
{
    /// <summary>The objects that were neither applied nor rejected yet, in the order in which they came.</summary>
    public async Task<List<LakeObject>> PendingAsync(IReadOnlyList<LakeObject> objects, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT o.place::int
            FROM unnest($2::text[], $3::text[], $4::timestamptz[]) WITH ORDINALITY AS o (key, etag, modified_at, place)
            WHERE NOT EXISTS (
                SELECT FROM cdc.files f WHERE f.table_id = $1 AND f.key = o.key AND f.etag = o.etag AND f.modified_at = o.modified_at)
            AND NOT EXISTS (
                SELECT FROM cdc.rejected_files r
                WHERE r.table_id = $1 AND r.key = o.key AND r.etag = o.etag AND r.modified_at = o.modified_at)
            ORDER BY o.place
            """;
        return await connection.QueryAsync(
            sql, row => objects[row.GetInt32(0) - 1], cancellationToken,
            tableId, Keys(objects), ETags(objects), Times(objects)).ToListAsync(cancellationToken);
    }

    /// <summary>Records a batch and its files.</summary>
    public async Task<RecordedBatch> RecordAsync(
        IReadOnlyList<LakeObject> files, RowCounts rows, long removed, CancellationToken cancellationToken)
    {
        var batch = await connection.ScalarAsync<long>(
            """
            INSERT INTO cdc.batches (
                table_id, files, bytes, read, inserted, updated, unchanged, deleted, superseded, stale, quarantined, removed,
                moved)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id
            """,
            cancellationToken,
            tableId, files.Count, files.Sum(file => file.Bytes), rows.Read, rows.Inserted, rows.Updated, rows.Unchanged,
            rows.Deleted, rows.Superseded, rows.Stale, rows.Quarantined, removed, rows.Moved);
        // What was rejected under these names has been replaced.
        await connection.ExecuteAsync(
            "DELETE FROM cdc.rejected_files WHERE table_id = $1 AND key = ANY ($2)", cancellationToken, tableId, Keys(files));
        var recorded = await connection.ExecuteAsync(
            """
            INSERT INTO cdc.files (table_id, key, etag, modified_at, bytes, batch_id)
            SELECT $1, key, etag, modified_at, bytes, $2
            FROM unnest($3::text[], $4::text[], $5::timestamptz[], $6::bigint[]) AS f (key, etag, modified_at, bytes)
            ON CONFLICT DO NOTHING
            """,
            cancellationToken, tableId, batch, Keys(files), ETags(files), Times(files), files.Select(file => file.Bytes).ToArray());
        return new RecordedBatch(batch, recorded);
    }

    /// <summary>What is known of each object's name, in the objects' order. Equal ETags mean equal bytes.</summary>
    public async Task<List<Namesake>> NamesakesAsync(IReadOnlyList<LakeObject> objects, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT count(f.key) > 0, coalesce(bool_or(f.etag = o.etag), false),
                EXISTS (SELECT FROM cdc.rejected_files r WHERE r.table_id = $1 AND r.key = o.key)
            FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS o (key, etag, place)
            LEFT JOIN cdc.files f ON f.table_id = $1 AND f.key = o.key
            GROUP BY o.place, o.key ORDER BY o.place
            """;
        return await connection.QueryAsync(
            sql,
            row => (row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(2)) switch
            {
                (true, true, _) => Namesake.SameBytes,
                (true, false, _) => Namesake.OtherBytes,
                (false, _, true) => Namesake.Rejected,
                _ => Namesake.None,
            },
            cancellationToken, tableId, Keys(objects), ETags(objects)).ToListAsync(cancellationToken);
    }

    /// <summary>Of the CDC files that were applied, the one that was written first; null when none was applied.</summary>
    public Task<LakeObject?> FirstChangeAsync(CancellationToken cancellationToken) =>
        connection.QueryAsync(
            """
            SELECT key, etag, modified_at, bytes FROM cdc.files
            WHERE table_id = $1 AND key ~ '(^|/)[0-9]{8}-[0-9]{9,10}[.]parquet$' ORDER BY modified_at LIMIT 1
            """,
            row => new LakeObject(row.GetString(0), row.GetString(1), row.GetDateTime(2), row.GetInt64(3)),
            cancellationToken, tableId).SingleOrDefaultAsync(cancellationToken).AsTask();

    /// <summary>Whether one of the objects is rejected.</summary>
    public Task<bool> AnyRejectedAsync(IReadOnlyList<LakeObject> objects, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>(
            """
            SELECT EXISTS (
                SELECT FROM cdc.rejected_files r JOIN unnest($2::text[], $3::text[], $4::timestamptz[]) AS o (key, etag, modified_at)
                ON r.key = o.key AND r.etag = o.etag AND r.modified_at = o.modified_at WHERE r.table_id = $1)
            """,
            cancellationToken, tableId, Keys(objects), ETags(objects), Times(objects));

    /// <summary>The keys of the rejected files.</summary>
    public async Task<List<string>> RejectedKeysAsync(CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "SELECT DISTINCT key FROM cdc.rejected_files WHERE table_id = $1 ORDER BY key",
            row => row.GetString(0), cancellationToken, tableId).ToListAsync(cancellationToken);

    /// <summary>Records a file that cannot be read.</summary>
    /// <returns>How many rejected files the table has now.</returns>
    public async Task<long> RejectAsync(LakeObject file, string reason, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            """
            INSERT INTO cdc.rejected_files (table_id, key, etag, modified_at, bytes, reason) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT DO NOTHING
            """,
            cancellationToken, tableId, file.Key, file.ETag, file.ModifiedUtc, file.Bytes, reason);
        return await connection.ScalarAsync<long>(
            "SELECT count(*) FROM cdc.rejected_files WHERE table_id = $1", cancellationToken, tableId);
    }

    private static string[] Keys(IReadOnlyList<LakeObject> objects) => [.. objects.Select(found => found.Key)];

    private static string[] ETags(IReadOnlyList<LakeObject> objects) => [.. objects.Select(found => found.ETag)];

    private static DateTime[] Times(IReadOnlyList<LakeObject> objects) => [.. objects.Select(found => found.ModifiedUtc)];
}
