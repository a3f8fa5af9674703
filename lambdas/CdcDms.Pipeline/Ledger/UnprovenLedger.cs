using System.Globalization;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>When a comparison of a whole table began, and in which generation.</summary>
/// <param name="SinceUtc">By the clock of the analytics database.</param>
/// <param name="Generation">The newest generation then.</param>
internal readonly record struct WholeComparison(DateTime SinceUtc, int Generation);

/// <summary>What makes a table unproven, and what ends that: a proof of all its rows that began later.</summary>
/// <param name="connection">A connection; what is written goes into its transaction.</param>
/// <param name="tableId">The table's number in the ledger.</param>
internal sealed class UnprovenLedger(NpgsqlConnection connection, int tableId)
{
    private const string Again = "ON CONFLICT (table_id, cause, subject) DO UPDATE SET since = EXCLUDED.since";

    /// <summary>Whether a table was ever unproven or proven, over <c>cdc.tables t</c>: else nothing of it can be proven.</summary>
    private const string MayBeProven =
        "(t.proven_at IS NOT NULL OR EXISTS (SELECT FROM cdc.unproven u WHERE u.table_id = t.id))";

    /// <summary>Records, with the commit of what happened, that it happened.</summary>
    public Statement Mark(UnprovenCause cause, IEnumerable<string> subjects) => new(
        $"INSERT INTO cdc.unproven (table_id, cause, subject) SELECT $1, $2, unnest($3::text[]) {Again}",
        tableId, cause.ToString(), subjects.Distinct().ToArray());

    /// <summary>Records that rows of full loads of some generations were merged.</summary>
    public Task LoadedAsync(IEnumerable<int> generations, CancellationToken cancellationToken) => connection.ExecuteTogetherAsync(
        [Mark(UnprovenCause.Loaded, generations.Select(number => number.ToString(CultureInfo.InvariantCulture)))], cancellationToken);

    /// <summary>
    /// Records that a newer generation has begun than the one that is proven. A table that its full load found empty has no file of it, so
    /// the lake's markers count as well.
    /// </summary>
    public Statement MarkGeneration { get; } = new(
        $"""
        INSERT INTO cdc.unproven (table_id, cause, subject)
        SELECT t.id, '{UnprovenCause.GenerationBegan}', n.newest::text
        FROM cdc.tables t CROSS JOIN LATERAL (SELECT {DueMarker.NewestGeneration} AS newest) n
        WHERE t.id = $1 AND n.newest > coalesce(t.proven_generation, 0) ON CONFLICT DO NOTHING
        """,
        tableId);

    /// <summary>Records that a table was resumed; <c>$1</c> is its number.</summary>
    public static string MarkResumed => MarkWhere(UnprovenCause.Resumed, "t.id = $1");

    /// <summary>
    /// Records that a quarantined change of a table was merged and was not stale; <c>$1</c> is its number. The source may have lost the row
    /// without a delete, and a proof since then has found it on neither side. A stale change brings no row back: what the target has of its
    /// row is newer, and what was proven of it still holds.
    /// </summary>
    public static string MarkRetried => MarkWhere(UnprovenCause.ChangeRetried, "t.id = $1");

    /// <summary>A part of a statement that records that changes were dropped, of tables whose numbers <c>dropped</c> has.</summary>
    public static string MarkDropped => MarkWhere(UnprovenCause.ChangeDropped, "t.id IN (SELECT table_id FROM dropped)");

    /// <summary>When the oldest of the causes came about; null when there is none.</summary>
    public Task<DateTime?> OldestAsync(CancellationToken cancellationToken) => connection.SingleAsync(
        "SELECT min(since) FROM cdc.unproven WHERE table_id = $1",
        row => row.IsDBNull(0) ? null : (DateTime?)row.GetDateTime(0), cancellationToken, tableId);

    /// <summary>Begins a comparison of the whole table, under the table's lock: what happened before is committed.</summary>
    public Task<WholeComparison> BeginAsync(CancellationToken cancellationToken) => connection.SingleAsync(
        $"SELECT clock_timestamp(), coalesce({DueMarker.NewestGeneration}, 0) FROM cdc.tables t WHERE id = $1",
        row => new WholeComparison(row.GetDateTime(0), row.GetInt32(1)), cancellationToken, tableId);

    /// <summary>
    /// The comparison of the whole table that a proof ends, as the last to be judged of those that have all keys in which it found a
    /// difference, if all their rows are right or repaired; else null. A row that changed while it was read, or has a refused change, has
    /// all its values from the change, if it does not keep older ones.
    /// </summary>
    /// <param name="proof">The proof's number.</param>
    /// <param name="keepsOlderValues">Whether rows keep older values of some columns (registers).</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<WholeComparison?> EndedByAsync(long proof, bool keepsOlderValues, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            $"""
            SELECT min(p.whole_since), min(n.newest)
            FROM cdc.proofs p JOIN cdc.tables t ON t.id = p.table_id
            CROSS JOIN LATERAL (SELECT {DueMarker.NewestGeneration} AS newest) n
            WHERE p.table_id = $1 AND p.of_proof = (SELECT one.of_proof FROM cdc.proofs one WHERE one.id = $2)
            HAVING count(*) = max(p.together) AND count(p.whole_since) = count(*) AND count(p.outcome) = count(*)
                AND bool_and(p.outcome <> 'NotProven' AND p.repaired = (SELECT count(*) FROM cdc.differences d WHERE d.proof_id = p.id))
                AND NOT ($3 AND sum(p.changed_since + p.explained) > 0)
            """,
            row => (WholeComparison?)new WholeComparison(row.GetDateTime(0), row.GetInt32(1)),
            cancellationToken, tableId, proof, keepsOlderValues).SingleOrDefaultAsync(cancellationToken);

    /// <summary>
    /// Records that every row is right as of a comparison, unless a newer generation has begun since. What happened after the comparison
    /// had begun stays.
    /// </summary>
    /// <returns>Whether the table is proven.</returns>
    public async Task<bool> EndAsync(WholeComparison whole, CancellationToken cancellationToken)
    {
        if (await connection.ExecuteAsync(
            $"""
            UPDATE cdc.tables t SET proven_at = greatest(proven_at, $2), proven_generation = $3
            WHERE id = $1 AND coalesce({DueMarker.NewestGeneration}, 0) = $3 AND NOT EXISTS (
                SELECT FROM cdc.unproven u WHERE u.table_id = t.id AND u.cause = '{UnprovenCause.GenerationBegan}' AND u.since >= $2)
            """,
            cancellationToken, tableId, whole.SinceUtc, whole.Generation) == 0)
            return false;
        await connection.ExecuteAsync(
            "DELETE FROM cdc.unproven WHERE table_id = $1 AND since < $2", cancellationToken, tableId, whole.SinceUtc);
        return true;
    }

    private static string MarkWhere(UnprovenCause cause, string condition) =>
        $"INSERT INTO cdc.unproven (table_id, cause) SELECT t.id, '{cause}' FROM cdc.tables t WHERE {condition} AND {MayBeProven} {Again}";
}
