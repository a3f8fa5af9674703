using CdcDms.Contract;
using CdcDms.Contract.Functions;
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
    private readonly BatchLedger _batches = new(connection, tableId);

    // OFFSET 0 makes one look-up in the index for each object of what would be a join. Of a ledger that was not analyzed yet, PostgreSQL
    // expects one row, and would compare each object with all that there are.

    /// <summary>The objects that were neither applied nor rejected yet, in the order in which they came.</summary>
    public async Task<List<LakeObject>> PendingAsync(IReadOnlyList<LakeObject> objects, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT o.place::int
            FROM unnest($2::text[], $3::text[], $4::timestamptz[]) WITH ORDINALITY AS o (key, etag, modified_at, place)
            WHERE NOT EXISTS (
                SELECT FROM cdc.files f WHERE f.table_id = $1 AND f.key = o.key AND f.etag = o.etag AND f.modified_at = o.modified_at
                AND f.rows_merged IS NULL OFFSET 0)
            AND NOT EXISTS (
                SELECT FROM cdc.rejected_files r
                WHERE r.table_id = $1 AND r.key = o.key AND r.etag = o.etag AND r.modified_at = o.modified_at OFFSET 0)
            ORDER BY o.place
            """;
        return await connection.QueryAsync(
            sql, row => objects[row.GetInt32(0) - 1], cancellationToken,
            tableId, Keys(objects), ETags(objects), Times(objects)).ToListAsync(cancellationToken);
    }

    /// <summary>Of the objects that are merged in part, how many of their first rows are merged.</summary>
    public async Task<Dictionary<LakeObject, long>> BegunAsync(IReadOnlyList<LakeObject> objects, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            SELECT o.place::int, f.rows_merged
            FROM unnest($2::text[], $3::text[], $4::timestamptz[]) WITH ORDINALITY AS o (key, etag, modified_at, place)
            CROSS JOIN LATERAL (
                SELECT f.rows_merged FROM cdc.files f
                WHERE f.table_id = $1 AND f.key = o.key AND f.etag = o.etag AND f.modified_at = o.modified_at OFFSET 0) f
            WHERE f.rows_merged IS NOT NULL
            """,
            row => (Object: objects[row.GetInt32(0) - 1], Rows: row.GetInt64(1)),
            cancellationToken, tableId, Keys(objects), ETags(objects), Times(objects))
            .ToDictionaryAsync(begun => begun.Object, begun => begun.Rows, cancellationToken: cancellationToken);

    /// <summary>Records a batch and its files, of which none was merged before.</summary>
    /// <param name="removed">Rows that were removed because a complete generation does not have them.</param>
    /// <param name="course">How the batch went; null where nobody measured that.</param>
    public async Task<RecordedBatch> RecordAsync(
        IReadOnlyList<LakeObject> files, RowCounts rows, long removed, BatchCourse? course, CancellationToken cancellationToken)
    {
        var batch = await _batches.InsertAsync(files.Count, files.Sum(file => file.Bytes), rows, removed, course, cancellationToken);
        return new RecordedBatch(batch, await AddAsync(batch, files, cancellationToken));
    }

    /// <summary>Records files of a batch.</summary>
    /// <returns>How many of them were not merged before.</returns>
    public async Task<long> AddAsync(long batch, IReadOnlyList<LakeObject> files, CancellationToken cancellationToken)
    {
        await ForgetRejectedAsync(files, cancellationToken);
        return await connection.ExecuteAsync(
            """
            INSERT INTO cdc.files (table_id, key, etag, modified_at, bytes, batch_id)
            SELECT $1, key, etag, modified_at, bytes, $2
            FROM unnest($3::text[], $4::text[], $5::timestamptz[], $6::bigint[]) AS f (key, etag, modified_at, bytes)
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            tableId, batch, Keys(files), ETags(files), Times(files), files.Select(file => file.Bytes).ToArray());
    }

    /// <summary>
    /// What is known of each object's name, in the objects' order. Equal ETags mean equal bytes. A file of which a later part could not be
    /// read is rejected, and not merged.
    /// </summary>
    public async Task<List<Namesake>> NamesakesAsync(IReadOnlyList<LakeObject> objects, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT count(f.key) > 0, coalesce(bool_or(f.etag = o.etag), false),
                EXISTS (SELECT FROM cdc.rejected_files r WHERE r.table_id = $1 AND r.key = o.key)
            FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS o (key, etag, place)
            LEFT JOIN LATERAL (
                SELECT f.key, f.etag FROM cdc.files f
                WHERE f.table_id = $1 AND f.key = o.key AND NOT (f.rows_merged IS NOT NULL AND EXISTS (
                    SELECT FROM cdc.rejected_files r
                    WHERE r.table_id = $1 AND r.key = f.key AND r.etag = f.etag AND r.modified_at = f.modified_at)) OFFSET 0) f ON true
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

    /// <summary>Of the CDC files below a prefix that were applied, the one that was written first; null when none was applied.</summary>
    public Task<LakeObject?> FirstChangeAsync(string prefix, CancellationToken cancellationToken) =>
        connection.QueryAsync(
            """
            SELECT key, etag, modified_at, bytes FROM cdc.files
            WHERE table_id = $1 AND starts_with(key, $2) AND key ~ '(^|/)[0-9]{8}-[0-9]{9,10}[.]parquet$' ORDER BY modified_at LIMIT 1
            """,
            row => new LakeObject(row.GetString(0), row.GetString(1), row.GetDateTime(2), row.GetInt64(3)),
            cancellationToken, tableId, prefix).SingleOrDefaultAsync(cancellationToken).AsTask();

    /// <summary>Records a batch that is a part of a file, if the parts before it are all that is merged of the file.</summary>
    public async Task<RecordedBatch> RecordPartAsync(
        LakeObject file, FilePart part, RowCounts rows, BatchCourse course, CancellationToken cancellationToken)
    {
        var batch = await _batches.InsertAsync(part.IsLast ? 1 : 0, part.BytesOf(file.Bytes), rows, removed: 0, course, cancellationToken);
        await ForgetRejectedAsync([file], cancellationToken);
        const string first = """
            INSERT INTO cdc.files (table_id, key, etag, modified_at, bytes, batch_id, rows_merged)
            SELECT $1, $2, $3, $4, $5, $6, $7 WHERE $8 = 0 ON CONFLICT DO NOTHING
            """;
        const string later = """
            UPDATE cdc.files SET batch_id = $6, rows_merged = $7
            WHERE table_id = $1 AND key = $2 AND etag = $3 AND modified_at = $4 AND bytes = $5 AND rows_merged = $8
            """;
        var recorded = await connection.ExecuteAsync(
            part.FirstRow == 0 ? first : later, cancellationToken,
            tableId, file.Key, file.ETag, file.ModifiedUtc, file.Bytes, batch, part.IsLast ? null : part.EndRow, part.FirstRow);
        return new RecordedBatch(batch, recorded);
    }

    /// <summary>Of a manifest's objects those that are not merged whole, byte by byte as the manifest names them.</summary>
    public async Task<List<ManifestObject>> UnmergedAsync(IReadOnlyList<ManifestObject> objects, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            SELECT o.place::int FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS o (key, etag, place)
            WHERE NOT EXISTS (
                SELECT FROM cdc.files f
                WHERE f.table_id = $1 AND f.key = o.key AND f.etag = o.etag AND f.rows_merged IS NULL OFFSET 0)
            ORDER BY o.place
            """,
            row => objects[row.GetInt32(0) - 1],
            cancellationToken, tableId, objects.Select(found => found.Key).ToArray(), objects.Select(found => found.ETag).ToArray())
            .ToListAsync(cancellationToken);

    /// <summary>Forgets the rejected files below a prefix.</summary>
    public Task ForgetRejectedAsync(string prefix, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "DELETE FROM cdc.rejected_files WHERE table_id = $1 AND starts_with(key, $2)", cancellationToken, tableId, prefix);

    /// <summary>The keys of the rejected files.</summary>
    public async Task<List<string>> RejectedKeysAsync(CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "SELECT DISTINCT key FROM cdc.rejected_files WHERE table_id = $1 ORDER BY key",
            row => row.GetString(0), cancellationToken, tableId).ToListAsync(cancellationToken);

    /// <summary>Records a file that cannot be read.</summary>
    /// <param name="file">The file.</param>
    /// <param name="reason">Why, as half a sentence, which may hold values of rows.</param>
    /// <param name="told">The same without a value of a row.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many rejected files the table has now.</returns>
    public async Task<long> RejectAsync(LakeObject file, string reason, string told, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            """
            INSERT INTO cdc.rejected_files (table_id, key, etag, modified_at, bytes, reason, told) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT DO NOTHING
            """,
            cancellationToken, tableId, file.Key, file.ETag, file.ModifiedUtc, file.Bytes, reason, told);
        return await connection.ScalarAsync<long>(
            "SELECT count(*) FROM cdc.rejected_files WHERE table_id = $1", cancellationToken, tableId);
    }

    /// <summary>What was rejected under the names of files that can be read has been replaced.</summary>
    private Task<long> ForgetRejectedAsync(IReadOnlyList<LakeObject> files, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "DELETE FROM cdc.rejected_files WHERE table_id = $1 AND key = ANY ($2)", cancellationToken, tableId, Keys(files));

    private static string[] Keys(IReadOnlyList<LakeObject> objects) => [.. objects.Select(found => found.Key)];

    private static string[] ETags(IReadOnlyList<LakeObject> objects) => [.. objects.Select(found => found.ETag)];

    private static DateTime[] Times(IReadOnlyList<LakeObject> objects) => [.. objects.Select(found => found.ModifiedUtc)];
}
