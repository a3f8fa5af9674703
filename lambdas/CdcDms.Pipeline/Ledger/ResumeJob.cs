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
    /// Lets a table go on: its rejected files are tried again; the cause that parked it parks it anew if it is still there. Nothing happens
    /// to a table that is not parked and has no rejected file, unless a loss is taken.
    /// </summary>
    /// <param name="target">The target table.</param>
    /// <param name="consent">Losses that the operator takes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whether anything was done.</returns>
    /// <exception cref="CdcDmsException">The ledger has no such table, or the analytics database cannot be used.</exception>
    public Task<bool> RunAsync(TableName target, Consent consent, CancellationToken cancellationToken) => WithLedgerAsync(
        target,
        async ledger =>
        {
            if (consent == Consent.None && !await ledger.IsWaitingAsync(cancellationToken))
                return false;
            await ledger.GoOnAsync(consent, cancellationToken);
            return true;
        },
        cancellationToken);

    /// <summary>Makes the next merge of a table list all of its folders, also the old ones; nothing else changes.</summary>
    /// <param name="target">The target table.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="CdcDmsException">The ledger has no such table, or the analytics database cannot be used.</exception>
    public Task SweepAsync(TableName target, CancellationToken cancellationToken) => WithLedgerAsync(
        target,
        async ledger =>
        {
            await ledger.SweepAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    private Task<bool> WithLedgerAsync(
        TableName target, Func<ResumeLedger, Task<bool>> work, CancellationToken cancellationToken) => Database.WithAnalyticsAsync(
        targetConnection,
        "The ledger was not read or changed",
        async connection =>
        {
            var known = await KnownAsync(connection, cancellationToken);
            if (!known.Contains(target))
                throw Unknown(target, known);
            var table = await TableLedger.OpenAsync(connection, target, cancellationToken);
            return await work(new ResumeLedger(connection, table.Id));
        },
        cancellationToken);

    private static CdcDmsException Unknown(TableName target, List<TableName> known)
    {
        var tables = known.Count == 0 ? "no tables" : string.Join(", ", known);
        // The ledger does not know what the tables are called at the source.
        var meant = known.Where(table => table.Name == target.Name).Select(
            table => $" A table is resumed by its target's name, not by the source's: if it is the one that is meant, write {table}.");
        return new CdcDmsException(
            ErrorKind.BadDefinition,
            $"Nothing was ever merged into {target}; the ledger has {tables}.{string.Concat(meant.Take(1))}");
    }

    private static async Task<List<TableName>> KnownAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await LedgerSchema.UpgradeAsync(connection, cancellationToken)
            ? await connection.QueryAsync(TargetsSql, row => new TableName(row.GetString(0), row.GetString(1)), cancellationToken)
                .ToListAsync(cancellationToken)
            : [];
}
