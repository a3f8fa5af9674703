using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>A table's batches: the fate of their rows, and how they went.</summary>
/// <param name="connection">A connection; what is written goes into its transaction.</param>
/// <param name="tableId">The table's number in the ledger.</param>
internal sealed class BatchLedger(NpgsqlConnection connection, int tableId)
{
    /// <param name="course">How it went; null where that was not measured.</param>
    /// <returns>The batch's number.</returns>
    public Task<long> InsertAsync(
        int files, long bytes, RowCounts rows, long removed, BatchCourse? course, CancellationToken cancellationToken) =>
        connection.ScalarAsync<long>(
            """
            INSERT INTO cdc.batches (
                table_id, files, bytes, read, inserted, updated, unchanged, deleted, superseded, stale, quarantined, removed,
                moved, attempts, ways, phases)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::jsonb) RETURNING id
            """,
            cancellationToken,
            tableId, files, bytes, rows.Read, rows.Inserted, rows.Updated, rows.Unchanged, rows.Deleted, rows.Superseded, rows.Stale,
            rows.Quarantined, removed, rows.Moved,
            course?.Attempts,
            course?.Ways.Select(MergeWayNames.Name).ToArray(),
            course is null ? null : JsonSerializer.Serialize(course.Phases, ContractJson.Default.MergePhases));
}
