using CdcDms.Contract;

namespace CdcDms.Functions.Lifecycle;

/// <summary>Stops a replication or makes it run, from any state that it is found in, and waits until it has stopped or runs.</summary>
internal sealed class ReplicationLifecycle(IReplication replication, Patience patience)
{
    /// <summary>Stops the replication. One that does not exist or does not run is stopped already.</summary>
    /// <exception cref="CdcDmsException">The replication did not stop in time.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        ReplicationState? state = null;
        await patience.UntilAsync(
            () => $"The {replication.Name} did not stop in time, its state is '{state?.Status}': stop it by hand and deploy again.",
            async () =>
            {
                state = await replication.FindAsync(cancellationToken);
                if (state is null or { Phase: ReplicationPhase.Resting })
                    return true;
                if (state.Phase is ReplicationPhase.Running or ReplicationPhase.Starting)
                    await replication.StopAsync(cancellationToken);
                return false;
            },
            cancellationToken);
    }

    /// <summary>Starts or resumes the replication, unless it runs.</summary>
    /// <param name="cdcStartPosition">Where a first start reads from; null to leave it to DMS.</param>
    /// <returns>
    /// DMS's word for the state at the end: running, or for a replication that starts slowly a state on the way there. And whether it had
    /// worked before.
    /// </returns>
    /// <exception cref="CdcDmsException">
    /// The replication does not exist, stopped or failed after its start, or does not run in time.
    /// </exception>
    public async Task<(string Status, bool HadWorked)> RunAsync(string? cdcStartPosition, CancellationToken cancellationToken)
    {
        ReplicationState? state = null;
        bool? hadWorked = null;
        var started = false;
        try
        {
            await patience.UntilAsync(
                () => $"The {replication.Name} does not run in time, its state is '{state?.Status}': "
                    + "look at its log, and deploy again when it is cured.",
                async () =>
                {
                    state = await replication.FindAsync(cancellationToken);
                    if (state is null or { Phase: ReplicationPhase.Deleting })
                        throw Missing();
                    hadWorked ??= state.HasWorked;
                    if (state.Phase == ReplicationPhase.Resting)
                        started = await StartAsync(state, started, cdcStartPosition, cancellationToken);
                    return state.Phase == ReplicationPhase.Running;
                },
                cancellationToken);
        }
        catch (CdcDmsException late) when (late.Kind == ErrorKind.OutOfTime && IsStillStarting(state))
        {
            // The start was accepted and goes on by itself; how it ends is an event and an alarm. Failing here would undo a good
            // deployment.
        }

        return (state!.Status, hadWorked!.Value);
    }

    private async Task<bool> StartAsync(ReplicationState state, bool started, string? cdcStartPosition, CancellationToken cancellationToken)
    {
        if (started)
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The {replication.Name} was started and is '{state.Status}' again: "
                    + (state.Cause ?? "DMS gives no reason, look at the task's log."));
        return state.HasWorked
            ? await replication.StartAsync("resume-processing", null, cancellationToken)
            : await replication.StartAsync("start-replication", cdcStartPosition, cancellationToken);
    }

    private bool IsStillStarting(ReplicationState? state) => replication.StartsSlowly && state?.Phase == ReplicationPhase.Starting;

    private CdcDmsException Missing() => new(
        ErrorKind.Unavailable,
        $"The {replication.Name} does not exist, it was deleted by hand: raise the generation in the environment file, "
            + "allow the replacement for it, and deploy again.");
}
