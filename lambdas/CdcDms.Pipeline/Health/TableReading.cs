using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Status;

namespace CdcDms.Pipeline.Health;

/// <summary>Reads of tables what the ledger knows, and which files wait, also of a table that is parked.</summary>
/// <param name="lake">The lake.</param>
/// <param name="nowUtc">When the look began.</param>
internal sealed class TableReading(LakeReader lake, DateTime nowUtc)
{
    /// <summary>Why the lake could not be listed; null when it could.</summary>
    public CdcDmsException? LakeFault { get; private set; }

    /// <summary>Reads all of them.</summary>
    /// <exception cref="CdcDmsException">The analytics database cannot be used.</exception>
    public Task<AnalyticsFacts?> ReadAsync(
        IReadOnlyList<TableDefinition> tables, string targetConnection, CancellationToken cancellationToken) =>
        Database.WithAnalyticsAsync(targetConnection, "The ledger was not read or changed", async connection =>
        {
            // After a deployment the ledger may be of the version before until the next merge, which nobody has to be woken for.
            if (await LedgerSchema.OlderAsync(connection, cancellationToken) is { } older)
                return new AnalyticsFacts(connection.PostgreSqlVersion, []) { OlderLedger = older };
            var statuses = (await StatusJob.ReadAsync(connection, cancellationToken)).ToDictionary(status => status.Target);
            var found = new List<FoundTable>();
            foreach (var table in tables)
            {
                var status = statuses.GetValueOrDefault(table.TargetName.ToString());
                var ledger = status is null ? null : await TableLedger.FindAsync(connection, table.TargetName, cancellationToken);
                found.Add(new FoundTable(table, status, await WaitingAsync(table, ledger, cancellationToken))
                {
                    RowsDiffer = ledger is null ? 0 : await UnrepairedRows.CountAsync(connection, ledger.Id, cancellationToken),
                });
            }

            return (AnalyticsFacts?)new AnalyticsFacts(connection.PostgreSqlVersion, found);
        }, cancellationToken);

    // A lake that does not answer for one table does not answer for the others.
    private async Task<IReadOnlyList<LakeObject>?> WaitingAsync(
        TableDefinition table, TableLedger? ledger, CancellationToken cancellationToken)
    {
        var record = ledger is null ? null : await ledger.ReadAsync(cancellationToken);
        if (LakeFault is not null)
            return null;
        IReadOnlyList<LakeObject> listed;
        try
        {
            listed = await LakeFiles.ThatMayWaitAsync(lake, table, record, nowUtc, cancellationToken);
        }
        catch (CdcDmsException fault)
        {
            LakeFault = fault;
            return null;
        }

        return ledger is null ? listed : await ledger.Files.PendingAsync(listed, cancellationToken);
    }
}
