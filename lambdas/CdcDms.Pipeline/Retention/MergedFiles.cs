using System.Data;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Retention;

/// <summary>
/// Deletes a table's files that were merged as long ago as the lake keeps them. What was not merged, cannot be read or belongs to a parked
/// table stays, however old it is; so does the full load of the newest generation, without which unchanged rows would be in no file.
/// </summary>
/// <param name="lake">The lake.</param>
/// <param name="connection">The analytics database, without a transaction.</param>
/// <param name="ledger">The table's part of the ledger.</param>
/// <param name="time">Decides what is old.</param>
internal sealed class MergedFiles(LakeReader lake, NpgsqlConnection connection, TableLedger ledger, TimeProvider time)
{
    /// <summary>How many files were deleted so far.</summary>
    public int Deleted { get; private set; }

    /// <summary>Deletes what is old. What was deleted by then stays so when it fails.</summary>
    /// <param name="source">The source table.</param>
    /// <param name="days">How long a file is kept after it was written and merged.</param>
    /// <exception cref="CdcDmsException">The lake cannot be listed, or keeps an object.</exception>
    public async Task DeleteAsync(TableName source, int days, CancellationToken cancellationToken)
    {
        var oldUtc = time.GetUtcNow().UtcDateTime.AddDays(-days);
        var generations = (await ledger.Generations.ReadAsync(cancellationToken)).Keys.Where(number => number > 0).ToList();
        foreach (var generation in generations)
        {
            var found = OldAsync(lake.Lake.TablePrefix(source, generation), generation == generations.Max(), oldUtc, cancellationToken);
            await foreach (var files in found.Chunk(LakeReader.MostDeletedTogether).WithCancellation(cancellationToken))
                await DeleteMergedAsync(files, oldUtc, cancellationToken);
        }
    }

    // Folders are listed in the order of their days, and full loads behind them: behind a day that is too young nothing is looked for.
    private IAsyncEnumerable<LakeObject> OldAsync(string prefix, bool keepsLoads, DateTime oldUtc, CancellationToken cancellationToken) =>
        lake.ListAsync(prefix, startAfter: null, cancellationToken)
            .TakeWhile(found => DateFolder.Of(found.Key[prefix.Length..]) is not { } folder || folder.Date < DateOnly.FromDateTime(oldUtc))
            .Where(found => found.ModifiedUtc < oldUtc && found.Bytes > 0
                && (ChangeFileName.IsCdc(found.Key) || (!keepsLoads && ChangeFileName.IsLoad(found.Key))));

    private async Task DeleteMergedAsync(IReadOnlyList<LakeObject> files, DateTime oldUtc, CancellationToken cancellationToken)
    {
        // A target that is made anew forgets its files and needs them again: not while these are being deleted.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        await ledger.LockAsync(shared: true, cancellationToken);
        var merged = await MergedAsync(files, oldUtc, cancellationToken);
        if (merged.Count > 0)
            await lake.DeleteAsync(merged, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Deleted += merged.Count;
    }

    // Not only written but also merged as long ago: a copy of the analytics database that is restored finds the files that it lacks.
    private async Task<List<string>> MergedAsync(IReadOnlyList<LakeObject> files, DateTime oldUtc, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            SELECT o.key FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS o (key, etag, modified_at)
            WHERE EXISTS (
                SELECT FROM cdc.files f JOIN cdc.batches b ON b.id = f.batch_id
                WHERE f.table_id = $1 AND f.key = o.key AND f.etag = o.etag AND f.modified_at = o.modified_at
                AND f.rows_merged IS NULL AND b.committed_at < $5 OFFSET 0)
            AND NOT EXISTS (SELECT FROM cdc.rejected_files r WHERE r.table_id = $1 AND r.key = o.key OFFSET 0)
            AND EXISTS (SELECT FROM cdc.tables WHERE id = $1 AND parked_cause IS NULL)
            """,
            row => row.GetString(0),
            cancellationToken,
            ledger.Id,
            files.Select(file => file.Key).ToArray(),
            files.Select(file => file.ETag).ToArray(),
            files.Select(file => file.ModifiedUtc).ToArray(),
            oldUtc).ToListAsync(cancellationToken);
}
