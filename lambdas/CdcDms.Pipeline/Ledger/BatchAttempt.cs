using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>The note of a batch that runs.</summary>
/// <param name="connection">The batch's connection.</param>
/// <param name="tableId">The table's number in the ledger.</param>
/// <param name="id">The note's number.</param>
internal sealed class BatchAttempt(NpgsqlConnection connection, int tableId, int id)
{
    // Halving goes on until a batch is as small as this; what does not fit then would not fit if it were smaller.
    private const int LeastFiles = 100;
    private const int LeastBytes = 64 << 10;

    // As many batches must have been as large as they may before they may be twice as large.
    private const int FittingBatches = 10;

    // Of the time that a cancelled program has left.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    /// <summary>Halves the bound of the table <c>$1</c> for the notes that a CTE <c>ended</c> has taken away.</summary>
    public static string Halved { get; } =
        $"""
        UPDATE cdc.tables SET fitting_batches = 0,
            most_files = least(most_files, greatest({LeastFiles}, (SELECT min(files) FROM ended) / 2)),
            most_bytes = least(most_bytes, greatest({LeastBytes}, (SELECT min(bytes) FROM ended) / 2))
        WHERE id = $1 AND EXISTS (SELECT FROM ended)
        """;

    /// <summary>The batch's files.</summary>
    public required int Files { get; init; }

    /// <summary>The batch's bytes of Parquet.</summary>
    public required long Bytes { get; init; }

    /// <summary>Whether a smaller batch could fit where this one did not.</summary>
    public bool CanBeHalved => Files > LeastFiles || Bytes > LeastBytes;

    /// <summary>Notes that the batch takes less than it was begun with.</summary>
    public async Task<BatchAttempt> CutAsync(int files, long bytes, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("UPDATE cdc.attempts SET files = $2, bytes = $3 WHERE id = $1", cancellationToken, id, files, bytes);
        return new BatchAttempt(connection, tableId, id) { Files = files, Bytes = bytes };
    }

    /// <summary>Takes the note away with the commit of the batch, in its transaction.</summary>
    /// <param name="isFull">Whether the batch took all that it was allowed to: then the bound rises slowly.</param>
    public Task CommitAsync(bool isFull, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            $"""
            WITH ended AS (DELETE FROM cdc.attempts WHERE id = $2)
            UPDATE cdc.tables SET
                fitting_batches = (fitting_batches + 1) % {FittingBatches},
                most_files = least(most_files::bigint << (fitting_batches + 1) / {FittingBatches}, 1 << 30),
                most_bytes = least(most_bytes, 1::bigint << 50) << (fitting_batches + 1) / {FittingBatches}
            WHERE id = $1 AND most_bytes IS NOT NULL AND $3
            """,
            cancellationToken, tableId, id, isFull);

    /// <summary>Takes the note of a batch away that did not commit.</summary>
    /// <param name="ranOut">Whether it lacked time, memory or storage, so that the next one takes half as much.</param>
    public async Task EndAsync(bool ranOut)
    {
        using var soon = new CancellationTokenSource(Farewell);
        try
        {
            if (ranOut)
                await connection.ExecuteAsync(
                    $"WITH ended AS (DELETE FROM cdc.attempts WHERE id = $2 RETURNING files, bytes) {Halved}",
                    soon.Token, tableId, id);
            else
                await connection.ExecuteAsync("DELETE FROM cdc.attempts WHERE id = $1", soon.Token, id);
        }
        catch (Exception fault) when (fault is NpgsqlException or InvalidOperationException or OperationCanceledException)
        {
            // The connection is gone, or the time. The note stays and counts like that of a program that died; what went wrong with the
            // batch is told.
        }
    }
}
