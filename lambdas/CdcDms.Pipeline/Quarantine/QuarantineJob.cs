using System.Globalization;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Quarantine;

/// <summary>A change that was put aside and is still open.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Target">The target table, <c>schema.name</c>.</param>
/// <param name="QuarantinedUtc">When it was put aside first.</param>
/// <param name="Reason"><c>refused</c> by the target, <c>late</c> (older than the deletes that are remembered), or <c>malformed</c>.</param>
/// <param name="Operation"><c>D</c> for a delete, <c>U</c> for a row; null when the file does not say.</param>
/// <param name="Version">Its version, 35 digits; null when it has none.</param>
/// <param name="Change">Its values as text, by the file's columns, as a JSON object.</param>
/// <param name="Error">Why it was put aside.</param>
public sealed record QuarantinedChange(
    long Id, string Target, DateTime QuarantinedUtc, string Reason, string? Operation, string? Version, string Change, string Error);

/// <summary>What became of quarantined changes that were tried again.</summary>
/// <param name="Closed">Changes that are applied now, or need not be any more.</param>
/// <param name="Open">Changes that stay in the quarantine.</param>
public sealed record RetryResult(int Closed, int Open);

/// <summary>Looks at the changes that were put aside, tries them again, or gives them up.</summary>
/// <param name="targetConnection">Connection string of the analytics database.</param>
public sealed class QuarantineJob(string targetConnection)
{
    private const string Open = "FROM cdc.quarantine q JOIN cdc.tables b ON b.id = q.table_id WHERE q.closed_at IS NULL";

    /// <summary>The open changes of all tables, oldest first.</summary>
    /// <exception cref="CdcDmsException">The analytics database cannot be used.</exception>
    public Task<List<QuarantinedChange>> ListAsync(CancellationToken cancellationToken) => ConnectedAsync(
        async connection => !await LedgerSchema.ExistsAsync(connection, cancellationToken) ? [] : await connection.QueryAsync(
            $"SELECT q.id, b.target_schema, b.target_name, q.quarantined_at, q.reason, q.operation, lpad(q.version::text, 35, '0'), q.change::text, q.error {Open} ORDER BY q.id",
            row => new QuarantinedChange(
                row.GetInt64(0), new TableName(row.GetString(1), row.GetString(2)).ToString(), row.GetDateTime(3), row.GetString(4),
                row.IsDBNull(5) ? null : row.GetString(5), row.IsDBNull(6) ? null : row.GetString(6), row.GetString(7), row.GetString(8)),
            cancellationToken).ToListAsync(cancellationToken),
        cancellationToken);

    /// <summary>Gives changes up: they are closed and stay in the ledger, and the target goes on without them.</summary>
    /// <returns>How many were closed.</returns>
    /// <exception cref="CdcDmsException">The analytics database cannot be used.</exception>
    public Task<long> DropAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken) => ConnectedAsync(
        async connection => !await LedgerSchema.ExistsAsync(connection, cancellationToken) ? 0 : await connection.ExecuteAsync(
            "UPDATE cdc.quarantine SET closed_at = clock_timestamp(), closed_by = 'dropped' WHERE closed_at IS NULL AND id = ANY ($1)", cancellationToken, ids.ToArray()),
        cancellationToken);

    /// <summary>Tries a table's open changes again, each in a transaction of its own, the oldest version first.</summary>
    /// <param name="table">The table.</param>
    /// <param name="ids">Only these; null for all.</param>
    /// <param name="cancellationToken">Ends it; what was applied stays.</param>
    /// <exception cref="CdcDmsException">The analytics database or the target cannot be used.</exception>
    public Task<RetryResult> RetryAsync(TableDefinition table, IReadOnlyList<long>? ids, CancellationToken cancellationToken) => ConnectedAsync(
        async connection =>
        {
            var target = await TargetTable.OpenAsync(connection, table, cancellationToken);
            var ledger = await TableLedger.OpenAsync(connection, target.Name, cancellationToken);
            var open = await connection.QueryAsync(
                $"SELECT q.id {Open} AND q.table_id = $1 AND ($2::bigint[] IS NULL OR q.id = ANY ($2)) ORDER BY q.version NULLS LAST, q.id",
                row => row.GetInt64(0), cancellationToken, ledger.Id, ids?.ToArray()).ToListAsync(cancellationToken);
            var closed = 0;
            foreach (var id in open)
                if (await RetryAsync(connection, ledger, target, id, cancellationToken))
                    closed++;
            return new RetryResult(closed, open.Count - closed);
        },
        cancellationToken);

    private static async Task<bool> RetryAsync(NpgsqlConnection connection, TableLedger ledger, TargetTable target, long id, CancellationToken cancellationToken)
    {
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ledger.LockAsync(shared: false, cancellationToken);
            var record = await ledger.ReadAsync(cancellationToken);
            var names = await connection.QueryAsync(
                "SELECT t.key, t.value, q.registers ? t.key FROM cdc.quarantine q CROSS JOIN LATERAL jsonb_each_text(q.types) t WHERE q.id = $1 AND q.closed_at IS NULL AND q.reason <> 'malformed'",
                row => (From: row.GetString(0), Type: row.GetString(1), IsRegister: !row.IsDBNull(2) && row.GetBoolean(2)), cancellationToken, id).ToListAsync(cancellationToken);
            var columns = names.Index()
                .Select(name => (name.Item, name.Index, Target: target.Columns.FirstOrDefault(column => column.From == name.Item.From)))
                .Where(name => name.Target is not null)
                .Select(name => new StagedColumn(name.Target!, $"c{name.Index}", name.Item.Type, name.Item.IsRegister ? $"r{name.Index}" : null)).ToList();
            if (target.Key.Any(key => columns.All(column => column.Target != key)))
                return false;

            var sql = new MergeSql(target, ledger.Tombstones, columns, record.SeenColumns.Keys);
            await connection.ExecuteAsync(sql.Staging.Create, cancellationToken);
            await connection.ExecuteAsync(Stage(sql, columns), cancellationToken, id);
            if (await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM {StagingSql.Table} s WHERE {sql.IsLate})", cancellationToken, record.PurgeFloor))
                return false;
            var rows = await new StagedMerge(connection, target, new ChangeKind.Stream(ChangeOrdering.ChangeSequence), record.Floor).RunAsync(sql, 1, cancellationToken);
            await ledger.Files.RecordAsync([], rows with { Read = 1 }, 0, cancellationToken);
            await connection.ExecuteAsync("UPDATE cdc.quarantine SET closed_at = clock_timestamp(), closed_by = 'retried' WHERE id = $1", cancellationToken, id);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault))
        {
            await connection.ExecuteAsync(
                "UPDATE cdc.quarantine SET sqlstate = $2, error = $3 WHERE id = $1", cancellationToken, id, fault.SqlState, PostgresFault.Sentence(fault));
            return false;
        }
    }

    private static string Stage(MergeSql sql, IReadOnlyList<StagedColumn> columns)
    {
        var values = columns.Select(column => $"CAST(q.change ->> {Sql.Literal(column.Target.From)} AS {column.PostgresType})")
            .Concat(columns.Where(column => column.Register is not null).Select(column => $"CAST(q.registers ->> {Sql.Literal(column.Target.From)} AS numeric)"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"INSERT INTO {StagingSql.Table} ({sql.Staging.Names}) SELECT {string.Join(", ", values)}, q.operation = 'D', q.version, q.committed_at FROM cdc.quarantine q WHERE q.id = $1");
    }

    private Task<T> ConnectedAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken) =>
        Database.WithAnalyticsAsync(targetConnection, "The quarantine was not read or changed", work, cancellationToken);
}
