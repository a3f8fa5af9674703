using System.Numerics;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>The generations of which a target may hold rows; 0 stands for rows from before the first merge.</summary>
/// <param name="connection">A connection; what is written goes into its transaction.</param>
/// <param name="tableId">The table's number in the ledger.</param>
internal sealed class GenerationLedger(NpgsqlConnection connection, int tableId)
{
    /// <summary>
    /// The generations as they are now, each with the newest date folder of which all files are applied; null when listings are to show
    /// everything.
    /// </summary>
    public async Task<IReadOnlyDictionary<int, string?>> ReadAsync(CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "SELECT generation, newest_folder FROM cdc.generations WHERE table_id = $1",
            row => KeyValuePair.Create(row.GetInt32(0), row.IsDBNull(1) ? null : row.GetString(1)),
            cancellationToken, tableId).ToDictionaryAsync(cancellationToken: cancellationToken);

    /// <summary>Records generations before anything of them is merged, and with the first whether the target had rows before.</summary>
    /// <param name="target">The target.</param>
    /// <param name="generations">The generations.</param>
    /// <returns>All that are recorded then.</returns>
    public async Task<IReadOnlySet<int>> NoteAsync(
        TableName target, IReadOnlyList<int> generations, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            $"""
            WITH before AS (
                SELECT 0 AS generation WHERE EXISTS (SELECT FROM {Sql.Identifier(target)})
                    AND NOT EXISTS (SELECT FROM cdc.generations WHERE table_id = $1)),
            noted AS (
                INSERT INTO cdc.generations (table_id, generation)
                SELECT $1, generation FROM (SELECT unnest($2::int[]) AS generation UNION SELECT generation FROM before) AS missing
                ON CONFLICT DO NOTHING RETURNING generation)
            SELECT generation FROM noted UNION SELECT generation FROM cdc.generations WHERE table_id = $1
            """,
            row => row.GetInt32(0), cancellationToken, tableId, generations.ToArray()).ToHashSetAsync(cancellationToken: cancellationToken);

    /// <summary>Records the date folders up to which all files are applied.</summary>
    public Task DrainedAsync(IReadOnlyDictionary<int, string?> newestFolders, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            UPDATE cdc.generations g SET newest_folder = f.folder
            FROM unnest($2::int[], $3::text[]) AS f (generation, folder) WHERE g.table_id = $1 AND g.generation = f.generation
            """,
            cancellationToken, tableId, newestFolders.Keys.ToArray(), newestFolders.Values.ToArray());

    /// <summary>
    /// Records that a complete generation has taken the place of older ones: changes that are not above the floor are stale from now on.
    /// The rows of older generations are still to be removed.
    /// </summary>
    public Task RaiseFloorAsync(BigInteger floor, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "UPDATE cdc.tables SET floor = $2, has_older_rows = true WHERE id = $1", cancellationToken, tableId, floor);

    /// <summary>Records that changes which are not above a floor are stale from now on, while the rows that are there stay.</summary>
    public Task OutdateAsync(BigInteger floor, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("UPDATE cdc.tables SET floor = greatest(floor, $2) WHERE id = $1", cancellationToken, tableId, floor);

    /// <summary>Records that no row of older generations is left.</summary>
    public Task OlderRowsAreGoneAsync(CancellationToken cancellationToken) =>
        connection.ExecuteAsync("UPDATE cdc.tables SET has_older_rows = false WHERE id = $1", cancellationToken, tableId);

    /// <summary>
    /// Forgets the tombstones at or below a version, of that version's generation alone: it says nothing about the age of others. The
    /// highest forgotten version becomes the floor for absent rows, of whatever generation: at or below it, nobody knows whether a row was
    /// deleted.
    /// </summary>
    public Task ForgetTombstonesAsync(TableName tombstones, ChangeVersion version, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            $"""
            WITH forgotten AS (
                DELETE FROM {Sql.Identifier(tombstones)} WHERE {Sql.Identifier(TargetColumns.Version)} BETWEEN $2 AND $3
                RETURNING {Sql.Identifier(TargetColumns.Version)} AS version)
            UPDATE cdc.tables SET purge_floor = greatest(purge_floor, (SELECT max(version) FROM forgotten)) WHERE id = $1
            """,
            cancellationToken,
            tableId, (BigInteger)ChangeVersion.FullLoad(version.Generation).Value, (BigInteger)version.Value);
}
