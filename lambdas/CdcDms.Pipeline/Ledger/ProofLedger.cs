using System.Numerics;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>A table's proofs.</summary>
/// <param name="connection">A connection; what is written goes into its transaction.</param>
/// <param name="tableId">The table's number in the ledger.</param>
internal sealed class ProofLedger(NpgsqlConnection connection, int tableId)
{
    private const int MostSampled = 10_000;

    // Markers are known by their ids: a restored source, or another one, has the same numbers again.
    private const string Open =
        $"""
        SELECT p.id, f.lowest_version, f.committed_at, p.repairs, p.most_removed, p.columns::text,
            EXISTS (SELECT FROM cdc.markers m WHERE m.id = p.marker_after_id AND {DueMarker.Condition}),
            a.generation IS NOT NULL,
            coalesce(a.generation < n.newest, false),
            a.generation IS NULL AND EXISTS (
                SELECT FROM cdc.markers m WHERE m.number > p.marker_after AND m.committed_at > p.read_at AND {DueMarker.Condition}),
            p.asked_at < now() - interval '1 day',
            {AwaitedMarker.FirstRejectedFile}
        FROM cdc.proofs p JOIN cdc.tables t ON t.id = p.table_id
        CROSS JOIN LATERAL (SELECT {DueMarker.NewestGeneration} AS newest) n
        LEFT JOIN cdc.markers f ON f.lake = t.lake AND f.id = p.marker_id AND f.generation = n.newest
        LEFT JOIN LATERAL (
            SELECT max(a.generation) AS generation FROM cdc.markers a WHERE a.lake = t.lake AND a.id = p.marker_after_id) a ON true
        WHERE p.table_id = $1 AND p.outcome IS NULL ORDER BY p.marker, p.id LIMIT 1
        """;

    /// <summary>Begins to record a proof, in a transaction that is to end with <see cref="EndAsync"/>.</summary>
    /// <returns>Its number.</returns>
    public async Task<long> BeginAsync(NewProof proof, CancellationToken cancellationToken) => await connection.ScalarAsync<long>(
        """
        WITH next AS (SELECT nextval(pg_get_serial_sequence('cdc.proofs', 'id')) AS id)
        INSERT INTO cdc.proofs
            (id, of_proof, table_id, marker, marker_id, repairs, most_removed, columns, keys)
            OVERRIDING SYSTEM VALUE
        SELECT id, coalesce($7, id), $1, $2, $3, $4, $5, $6::jsonb, 0 FROM next RETURNING id
        """,
        cancellationToken, tableId, proof.Marker, proof.MarkerId, proof.Repair is not null, proof.Repair?.MostRemoved ?? 0,
        JsonSerializer.Serialize(proof.Columns, LedgerJson.Default.IReadOnlyListProofColumn), proof.OfProof);

    /// <summary>Records rows of a proof that has begun.</summary>
    /// <param name="id">The proof's number.</param>
    /// <param name="first">The place of the first of them.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task AddAsync(long id, int first, IReadOnlyList<ProofRow> rows, CancellationToken cancellationToken) => connection.ExecuteAsync(
        """
        INSERT INTO cdc.proof_rows (proof_id, place, key, row)
        SELECT $1, $2 + r.place, r.key::jsonb, r.row::jsonb FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS r (key, row, place)
        """,
        cancellationToken, id, first, rows.Select(row => row.Key).ToArray(), rows.Select(row => row.Row).ToArray());

    /// <summary>Ends the record of a proof.</summary>
    /// <param name="id">The proof's number.</param>
    /// <param name="keys">How many rows it has.</param>
    /// <param name="marker">The number of the marker after the read.</param>
    /// <param name="markerId">The id of that marker.</param>
    /// <param name="readUtc">When that marker was written, by the clock of the source.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task EndAsync(long id, int keys, long marker, Guid markerId, DateTime readUtc, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "UPDATE cdc.proofs SET keys = $2, marker_after = $3, marker_after_id = $4, read_at = $5 WHERE id = $1",
            cancellationToken, id, keys, marker, markerId, readUtc);

    /// <summary>Records that proofs have all keys in which a comparison of the whole table found a difference.</summary>
    /// <param name="proofs">Their numbers. Other proofs of the same beginning are of a call that was killed.</param>
    /// <param name="sinceUtc">When the comparison began.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task AreAllAsync(IReadOnlyList<long> proofs, DateTime sinceUtc, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            "UPDATE cdc.proofs SET of_proof = id WHERE table_id = $1 AND of_proof = $2 AND id <> ALL ($3)",
            cancellationToken, tableId, proofs[0], proofs.ToArray());
        await connection.ExecuteAsync(
            "UPDATE cdc.proofs SET whole_since = $3, together = cardinality($2) WHERE table_id = $1 AND id = ANY ($2)",
            cancellationToken, tableId, proofs.ToArray(), sinceUtc);
    }

    /// <summary>How many proofs are not judged yet.</summary>
    public Task<long> CountOpenAsync(CancellationToken cancellationToken) => connection.ScalarAsync<long>(
        "SELECT count(*) FROM cdc.proofs WHERE table_id = $1 AND outcome IS NULL", cancellationToken, tableId);

    /// <summary>The oldest proof that is not judged; null when all are.</summary>
    public async Task<OpenProof?> OldestOpenAsync(CancellationToken cancellationToken) => await connection.QueryAsync(
        Open,
        row => new OpenProof
        {
            Id = row.GetInt64(0),
            Version = row.IsDBNull(1) ? null : row.GetFieldValue<BigInteger>(1),
            CommittedUtc = row.IsDBNull(2) ? null : row.GetDateTime(2),
            Repair = row.GetBoolean(3) ? new ProofRepair(row.GetInt32(4)) : null,
            Columns = JsonSerializer.Deserialize(row.GetString(5), LedgerJson.Default.IReadOnlyListProofColumn)!,
            IsDue = row.GetBoolean(6),
            HasCome = row.GetBoolean(7),
            IsOfOlderGeneration = row.GetBoolean(8),
            WasOvertaken = row.GetBoolean(9),
            IsADayOld = row.GetBoolean(10),
            RejectedFile = row.IsDBNull(11) ? null : row.GetString(11),
        },
        cancellationToken, tableId).SingleOrDefaultAsync(cancellationToken);

    /// <summary>Ends a proof. Its rows go, its differences stay for as long as it does.</summary>
    public async Task CloseAsync(long id, Judged judged, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            """
            UPDATE cdc.proofs SET judged_at = clock_timestamp(), outcome = $2, cause = $3, changed_since = $4, explained = $5, repaired = $6
            WHERE id = $1
            """,
            cancellationToken, id, judged.Outcome.ToString(), judged.Cause, judged.ChangedSince, judged.Explained, judged.Repaired);
        await connection.ExecuteAsync("DELETE FROM cdc.proof_rows WHERE proof_id = $1", cancellationToken, id);
        await connection.ExecuteAsync(
            "DELETE FROM cdc.proofs WHERE table_id = $1 AND judged_at < now() - interval '90 days'", cancellationToken, tableId);
    }

    /// <summary>What became of a proof.</summary>
    /// <exception cref="CdcDmsException">The proof is gone.</exception>
    public async Task<ProofResult> ReadAsync(long id, CancellationToken cancellationToken)
    {
        var differences = await connection.QueryAsync(
            "SELECT key::text, kind, columns FROM cdc.differences WHERE proof_id = $1 ORDER BY place LIMIT $2",
            row => new ProvenDifference(
                JsonSerializer.Deserialize(row.GetString(0), LedgerJson.Default.DictionaryStringString)!,
                Enum.Parse<DifferenceKind>(row.GetString(1)),
                row.GetFieldValue<string[]>(2)),
            cancellationToken, id, ProofResult.MostDifferences).ToListAsync(cancellationToken);
        var result = await connection.QueryAsync(
            """
            SELECT outcome, cause, keys, changed_since, explained, repaired,
                count(*) FILTER (WHERE d.kind = 'Missing'), count(*) FILTER (WHERE d.kind = 'Extra'),
                count(*) FILTER (WHERE d.kind = 'Changed')
            FROM cdc.proofs p LEFT JOIN cdc.differences d ON d.proof_id = p.id WHERE p.id = $1 GROUP BY p.id
            """,
            row => new ProofResult
            {
                Outcome = row.IsDBNull(0) ? null : Enum.Parse<ProofOutcome>(row.GetString(0)),
                Cause = row.IsDBNull(1) ? null : row.GetString(1),
                Keys = row.GetInt32(2),
                ChangedSince = row.GetInt32(3),
                Explained = row.GetInt32(4),
                Repaired = row.GetInt32(5),
                Missing = row.GetInt64(6),
                Extra = row.GetInt64(7),
                Changed = row.GetInt64(8),
                Differences = differences,
            },
            cancellationToken, id).SingleOrDefaultAsync(cancellationToken);
        return result ?? throw new CdcDmsException(
            ErrorKind.Conflict, $"Proof {id} is gone, because its target was dropped meanwhile; ask for another.");
    }

    /// <summary>Notes keys for the next proof, as long as that has not enough to choose from.</summary>
    /// <param name="keys">A query that gives the keys.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task NoteAsync(string keys, CancellationToken cancellationToken) => connection.ExecuteAsync(
        $"""
        INSERT INTO cdc.sampled_keys (table_id, key) SELECT $1, key FROM ({keys}) keys
        WHERE (SELECT count(*) FROM cdc.sampled_keys WHERE table_id = $1) < {MostSampled}
        """,
        cancellationToken, tableId);

    /// <summary>Some of the noted keys, by chance.</summary>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> SampleAsync(int most, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            SELECT key::text FROM (SELECT DISTINCT key FROM cdc.sampled_keys WHERE table_id = $1) keys ORDER BY random() LIMIT $2
            """,
            row => JsonSerializer.Deserialize(row.GetString(0), LedgerJson.Default.DictionaryStringString)!,
            cancellationToken, tableId, most).ToListAsync(cancellationToken);

    /// <summary>Forgets the noted keys, once a sample of them has been read.</summary>
    public Task ForgetSampleAsync(CancellationToken cancellationToken) =>
        connection.ExecuteAsync("DELETE FROM cdc.sampled_keys WHERE table_id = $1", cancellationToken, tableId);

    /// <summary>The keys that differ by the proofs that were asked for together with the newest in which some do.</summary>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> DifferentKeysAsync(CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            SELECT d.key::text FROM cdc.proofs p JOIN cdc.differences d ON d.proof_id = p.id
            WHERE p.table_id = $1 AND p.of_proof = (
                SELECT max(n.of_proof) FROM cdc.proofs n WHERE n.table_id = $1 AND n.outcome = 'Different')
            ORDER BY d.proof_id, d.place
            """,
            row => JsonSerializer.Deserialize(row.GetString(0), LedgerJson.Default.DictionaryStringString)!,
            cancellationToken, tableId).ToListAsync(cancellationToken);
}
