using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>Lets parked tables go on.</summary>
/// <param name="targetConnection">Connection string of the analytics database.</param>
public sealed class ResumeJob(string targetConnection)
{
    // Of a lake's markers there is a row too, under the ledger's own schema.
    private const string TargetsSql =
        "SELECT target_schema, target_name FROM cdc.tables WHERE target_schema <> 'cdc' ORDER BY target_schema, target_name";

    /// <summary>
    /// Lets a table go on: its rejected files are tried again; the cause that parked it parks it anew if it is still there.
    /// </summary>
    /// <param name="target">The target table.</param>
    /// <param name="consent">Losses that the operator takes.</param>
    /// <exception cref="CdcDmsException">The ledger has no such table, or the analytics database cannot be used.</exception>
    public Task RunAsync(TableName target, Consent consent, CancellationToken cancellationToken) => Database.WithAnalyticsAsync(
        targetConnection,
        "The ledger was not read or changed",
        async connection =>
        {
            var known = await KnownAsync(connection, cancellationToken);
            if (!known.Contains(target))
                throw Unknown(target, known);
            var ledger = await TableLedger.OpenAsync(connection, target, cancellationToken);
            await ledger.ResumeAsync(consent, cancellationToken);
            return target;
        },
        cancellationToken);

    private static CdcDmsException Unknown(TableName target, List<TableName> known)
    {
        var tables = known.Count == 0 ? "no tables" : string.Join(", ", known);
        return new CdcDmsException(ErrorKind.BadDefinition, $"Nothing was ever merged into {target}; the ledger has {tables}.");
    }

    private static async Task<List<TableName>> KnownAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await LedgerSchema.UpgradeAsync(connection, cancellationToken)
            ? await connection.QueryAsync(TargetsSql, row => new TableName(row.GetString(0), row.GetString(1)), cancellationToken)
                .ToListAsync(cancellationToken)
            : [];
}
