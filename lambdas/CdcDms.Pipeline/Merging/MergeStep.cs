using System.Data;
using CdcDms.Contract;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Merging;

/// <summary>A step of a merge, whose fault may park the table.</summary>
internal static class MergeStep
{
    /// <summary>Takes a step.</summary>
    /// <exception cref="CdcDmsException">It failed; the table is parked when the fault says so.</exception>
    public static async Task<T> OrParkAsync<T>(TargetSession session, Func<Task<T>> step, CancellationToken cancellationToken)
    {
        try
        {
            return await step();
        }
        catch (CdcDmsException fault) when (fault.Kind is ErrorKind.Parked)
        {
            await session.Ledger.ParkAsync(fault.Message, cancellationToken);
            throw;
        }
        catch (InvalidOperationException fault) when (session.Connection.State is not ConnectionState.Open)
        {
            // A step that goes on after a refused value may find that the connection was lost in the rollback.
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"{session.Table.Source} was not merged into {session.Table.Target}: the connection to the analytics database was lost; "
                + "run the merge again.",
                fault);
        }
    }
}
