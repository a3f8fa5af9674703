using System.Globalization;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Merging;

/// <summary>
/// Has other executions leave a table alone as long as one merges it. What is merged twice nevertheless, as by people or after a pause
/// longer than the lease, is told apart by the table's lock and the ledger.
/// </summary>
/// <param name="session">The table, over a connection without a transaction.</param>
/// <param name="execution">Who merges; null where no lease is needed and none respected.</param>
internal sealed class TableLease(TargetSession session, MergingExecution? execution)
{
    // Of the time that a cancelled program has left.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    /// <summary>Takes the lease for a call.</summary>
    /// <returns>Why the table is to be left alone; null when it is not.</returns>
    public async Task<string?> TakeAsync(CancellationToken cancellationToken)
    {
        if (execution is null)
            return null;
        var lease = await session.Ledger.Lease.TakeAsync(execution.Id, execution.Lasts, cancellationToken);
        return lease.Execution == execution.Id
            ? null
            : $"Another execution is merging {session.Table.Source}, {lease.Execution}: the table is left to it. "
                + string.Create(
                    CultureInfo.InvariantCulture, $"Should it have died, others may merge the table from {lease.EndsUtc:u} on.");
    }

    /// <summary>Has the lease last longer, for what the execution does after this call without another.</summary>
    public Task ExtendAsync(TimeSpan time, CancellationToken cancellationToken) => execution is null
        ? Task.CompletedTask
        : session.Ledger.Lease.TakeAsync(execution.Id, execution.Lasts + time, cancellationToken);

    /// <summary>Does a call's work, after which the lease stays for the execution's next call.</summary>
    /// <param name="workAsync">The work. When it fails, the lease ends: the execution may have failed with it.</param>
    /// <param name="isLast">Whether the execution has no more to merge.</param>
    /// <param name="cancellationToken">Ends the end of the lease.</param>
    public async Task<T> HoldAsync<T>(Func<Task<T>> workAsync, Predicate<T> isLast, CancellationToken cancellationToken)
    {
        T done;
        try
        {
            done = await workAsync();
        }
        catch
        {
            using var soon = new CancellationTokenSource(Farewell);
            await EndAsync(soon.Token);
            throw;
        }

        if (isLast(done))
            await EndAsync(cancellationToken);
        return done;
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        if (execution is null)
            return;
        try
        {
            await session.Ledger.Lease.EndAsync(execution.Id, cancellationToken);
        }
        catch (Exception fault) when (fault is NpgsqlException or InvalidOperationException or OperationCanceledException)
        {
            // The connection is gone, or the time: the lease ends by itself, and what became of the work is told.
        }
    }
}
