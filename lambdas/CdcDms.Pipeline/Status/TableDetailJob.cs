using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Status;

/// <summary>Reads one table for people: by a role that may only read, and changes nothing.</summary>
/// <param name="targetConnection">Connection string of the analytics database.</param>
public sealed class TableDetailJob(string targetConnection)
{
    private const string Proofs = """
        SELECT p.id, p.asked_at, p.judged_at, p.outcome, p.cause, p.whole_since IS NOT NULL, p.keys, p.changed_since + p.explained,
            (SELECT count(*) FROM cdc.differences d WHERE d.proof_id = p.id), p.repaired
        FROM cdc.proofs p WHERE p.table_id = $1 ORDER BY p.id DESC LIMIT $2
        """;

    // Those that repair --differences takes. Of a proof that repaired some of its rows nobody knows which.
    private const string Differences = """
        SELECT p.judged_at, d.key::text, d.kind, d.columns, sum(1) OVER ()
        FROM cdc.proofs p JOIN cdc.tables t ON t.id = p.table_id JOIN cdc.differences d ON d.proof_id = p.id
        WHERE t.id = $1 AND p.judged_at > coalesce(t.proven_at, '-infinity')
            AND p.of_proof = (SELECT max(n.of_proof) FROM cdc.proofs n WHERE n.table_id = $1 AND n.outcome = 'Different')
            AND p.repaired < (SELECT count(*) FROM cdc.differences a WHERE a.proof_id = p.id)
        ORDER BY p.id, d.place LIMIT $2
        """;

    private const string Quarantine = """
        SELECT id, quarantined_at, reason, operation, told FROM cdc.quarantine WHERE table_id = $1 AND closed_at IS NULL
        ORDER BY id LIMIT $2
        """;

    /// <summary>Reads it.</summary>
    /// <param name="target">The target table.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CdcDmsException">The analytics database cannot be used, or nothing was ever merged into the table.</exception>
    public Task<TableDetail> ReadAsync(TableName target, CancellationToken cancellationToken) => Database.WithAnalyticsAsync(
        targetConnection,
        $"The ledger of {target} was not read",
        async connection =>
        {
            var ledger = await ActivityJob.LedgerAsync(connection, target, cancellationToken);
            var (found, record) = (
                await CatalogTable.FindAsync(connection, target, cancellationToken), await ledger.ReadAsync(cancellationToken));
            var (tombstones, mostFiles, rejected) = await connection.SingleAsync(
                """
                SELECT (SELECT reltuples FROM pg_class WHERE oid = to_regclass($2)), most_files,
                    (SELECT count(*) FROM cdc.rejected_files r WHERE r.table_id = t.id)
                FROM cdc.tables t WHERE id = $1
                """,
                row => (
                    row.IsDBNull(0) || row.GetFloat(0) < 0 ? null : (long?)row.GetFloat(0), row.IsDBNull(1) ? null : (int?)row.GetInt32(1),
                    row.GetInt64(2)),
                cancellationToken, ledger.Id, Sql.Identifier(ledger.Tombstones));
            var differences = await connection.QueryAsync(Differences, Difference, cancellationToken, ledger.Id, TableDetail.Most)
                .ToListAsync(cancellationToken);
            return new TableDetail
            {
                Target = target.ToString(),
                ParkedCause = record.ParkedCause,
                RejectedFiles = rejected,
                Lake = record.Lake,
                Generations = [.. record.Generations.Keys.Order()],
                Columns = [.. Columns(found, record)],
                Tombstones = tombstones,
                MostFiles = mostFiles,
                Proofs = await connection.QueryAsync(Proofs, Proof, cancellationToken, ledger.Id, TableDetail.Most)
                    .ToListAsync(cancellationToken),
                Differences = [.. differences.Select(row => row.Difference)],
                Different = differences is [var (_, all), ..] ? all : 0,
                Quarantine = await connection.QueryAsync(Quarantine, Change, cancellationToken, ledger.Id, TableDetail.Most)
                    .ToListAsync(cancellationToken),
            };
        },
        cancellationToken);

    // Columns that CdcDms adds are its own affair.
    private static IEnumerable<DetailColumn> Columns(CatalogTable? found, TableRecord record)
    {
        string? FileType(string name) => record.SeenColumns.GetValueOrDefault(name) is { Length: > 0 } type ? type : null;
        var own = found?.Columns.Where(column => !TargetColumns.Contains(column.Name)).ToList() ?? [];
        var names = own.ConvertAll(column => column.Name);
        return own.ConvertAll(column => new DetailColumn(
                column.Name, column.BaseType, FileType(column.Name), record.AbsentColumns.Contains(column.Name)))
            .Concat(record.SeenColumns.Keys.Except(names).Order(StringComparer.Ordinal).Select(name => new DetailColumn(
                name, null, FileType(name), record.AbsentColumns.Contains(name))));
    }

    private static DetailProof Proof(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetDateTime(1), row.IsDBNull(2) ? null : row.GetDateTime(2),
        row.IsDBNull(3) ? null : Enum.Parse<ProofOutcome>(row.GetString(3)), row.IsDBNull(4) ? null : row.GetString(4), row.GetBoolean(5),
        row.GetInt32(6), row.GetInt32(7), row.GetInt64(8), row.GetInt32(9));

    private static (DetailDifference Difference, long All) Difference(NpgsqlDataReader row) => (
        new DetailDifference(
            row.GetDateTime(0), JsonSerializer.Deserialize(row.GetString(1), LedgerJson.Default.DictionaryStringString)!,
            Enum.Parse<DifferenceKind>(row.GetString(2)), row.GetFieldValue<string[]>(3)),
        row.GetInt64(4));

    private static DetailChange Change(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetDateTime(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3),
        row.IsDBNull(4) ? null : row.GetString(4));
}
