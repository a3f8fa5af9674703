using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>What a table's batches may take, because larger ones ran out of time, memory or storage; null where none did.</summary>
/// <param name="Files">Most files.</param>
/// <param name="Bytes">Most bytes of Parquet.</param>
internal sealed record BatchBound(int? Files, long? Bytes);

/// <summary>
/// Which batches of a table have begun. A program that is killed cannot say that its batch was too large. So each batch leaves a note
/// before it works and takes the note away when it ends, and keeps a lock of its session as long as its program lives: a note without its
/// lock is of a batch that died, and halves what the next may take.
/// </summary>
/// <param name="connection">A connection without a transaction.</param>
/// <param name="tableId">The table's number in the ledger.</param>
internal sealed class AttemptLedger(NpgsqlConnection connection, int tableId)
{
    // First half of the advisory lock of a batch that runs; the second is the number of its note.
    private const int LockClass = 0x4364_6345;

    /// <summary>Takes away the notes of batches that died, each of which halves the bound, and tells the bound.</summary>
    public Task<BatchBound> BoundAsync(CancellationToken cancellationToken) =>
        connection.SingleAsync(
            $"""
            WITH ended AS (
                DELETE FROM cdc.attempts WHERE table_id = $1 AND pg_try_advisory_xact_lock({LockClass}, id) RETURNING files, bytes),
            halved AS ({BatchAttempt.Halved} RETURNING most_files, most_bytes)
            SELECT most_files, most_bytes FROM halved
            UNION ALL SELECT most_files, most_bytes FROM cdc.tables WHERE id = $1 AND NOT EXISTS (SELECT FROM ended)
            """,
            row => new BatchBound(row.IsDBNull(0) ? null : row.GetInt32(0), row.IsDBNull(1) ? null : row.GetInt64(1)),
            cancellationToken, tableId);

    /// <summary>Notes that a batch begins, and from which lake the target is filled, unless that is recorded.</summary>
    public async Task<BatchAttempt> BeginAsync(LakeUri lake, int files, long bytes, CancellationToken cancellationToken)
    {
        // Nobody has to wait for the disk: what a crash of the server takes away is of a batch that the crash has ended as well.
        var id = await connection.ScalarAsync<int>(
            $"""
            WITH begun AS (
                INSERT INTO cdc.attempts (table_id, files, bytes)
                SELECT $1, $2, $3 FROM set_config('synchronous_commit', 'off', true) RETURNING id),
            filled AS (UPDATE cdc.tables SET lake = $4 WHERE id = $1 AND lake IS NULL)
            SELECT id, pg_advisory_lock({LockClass}, id) FROM begun
            """,
            cancellationToken, tableId, files, bytes, lake.ToString());
        return new BatchAttempt(connection, tableId, id) { Files = files, Bytes = bytes };
    }
}
