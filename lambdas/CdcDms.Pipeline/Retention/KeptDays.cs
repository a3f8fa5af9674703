using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Retention;

/// <summary>How long merged files are kept, by a clock.</summary>
/// <param name="Days">Days after a file was written and merged.</param>
/// <param name="Time">The clock.</param>
internal sealed record KeptDays(int Days, TimeProvider Time)
{
    /// <summary>Deletes a table's files that are kept no longer. What was merged is merged, whatever becomes of this.</summary>
    public async Task<DeletedFiles> DeleteOlderAsync(
        LakeReader lake, NpgsqlConnection connection, TableLedger ledger, TableName source, CancellationToken cancellationToken)
    {
        var files = new MergedFiles(lake, connection, ledger, Time);
        var failure = $"Merged files of {source} that are older than {Days} days stay in the lake";
        try
        {
            await files.DeleteAsync(source, Days, cancellationToken);
            return new DeletedFiles { Files = files.Deleted };
        }
        catch (CdcDmsException fault)
        {
            return new DeletedFiles { Files = files.Deleted, Failure = $"{failure}: {fault.Message}" };
        }
        catch (NpgsqlException fault)
        {
            return new DeletedFiles { Files = files.Deleted, Failure = PostgresFault.Tell(fault, failure).Message };
        }
    }
}
