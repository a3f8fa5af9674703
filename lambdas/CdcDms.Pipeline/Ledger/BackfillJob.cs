using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Ledger;

/// <summary>Ends the marks of targets that lack old values of columns which were added to them.</summary>
/// <param name="targetConnection">Connection string of the analytics database, as a role that may write the ledger.</param>
public sealed class BackfillJob(string targetConnection)
{
    /// <summary>Records that a target lacks no old values: it was found identical with its source.</summary>
    /// <exception cref="CdcDmsException">The analytics database cannot be used.</exception>
    public Task EndAsync(TableName target, CancellationToken cancellationToken) => Database.WithAnalyticsAsync(
        targetConnection,
        $"It was not noted that {target} needs no backfill any more",
        async connection =>
            await LedgerSchema.UpgradeAsync(connection, cancellationToken)
                ? await connection.ExecuteAsync(
                    "UPDATE cdc.tables SET backfill_columns = '{}' "
                    + "WHERE target_schema = $1 AND target_name = $2 AND backfill_columns <> '{}'",
                    cancellationToken, target.Schema, target.Name)
                : 0,
        cancellationToken);
}
