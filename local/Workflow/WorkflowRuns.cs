using System.Globalization;

namespace CdcDms.Local.Workflow;

/// <summary>The executions of the workflow in this program: those that run, and the last that ended. Threads may share it.</summary>
/// <param name="clock">The time.</param>
internal sealed class WorkflowRuns(TimeProvider clock) : IWorkflowWatch
{
    private const int Most = 20;

    private readonly Lock _lock = new();
    private readonly LinkedList<ExecutionRecord> _all = [];
    private IReadOnlyList<MachineGraph> _machines = [];
    private int _started;
    private long _version;

    /// <summary>The state machines are known now.</summary>
    public void Knows(SynthesizedWorkflow workflow)
    {
        // The one that runs every hour first, then those that it starts.
        var graphs = workflow.Machines
            .OrderBy(machine => machine.Key != workflow.Start).ThenBy(machine => machine.Key, StringComparer.Ordinal)
            .Select(machine => MachineGraph.Of(machine.Key, machine.Value)).ToList();
        lock (_lock)
            (_machines, _version) = (graphs, _version + 1);
    }

    /// <summary>Records an execution while it runs.</summary>
    /// <param name="machine">The state machine.</param>
    /// <param name="runAsync">Runs it; what it is given hears each event.</param>
    /// <returns>How it ended.</returns>
    public async Task<WorkflowResult> RecordAsync(string machine, Func<Action<WorkflowEvent>, Task<WorkflowResult>> runAsync)
    {
        var record = Begin(machine);
        try
        {
            var result = await runAsync(happened => Change(() => record.Hear(happened)));
            if (result is WorkflowFailed(var error, var cause))
                End(record, ExecutionOutcome.Failed, FailureSentence.Of(error, cause));
            else
                End(record, ExecutionOutcome.Succeeded);
            return result;
        }
        catch (OperationCanceledException)
        {
            End(record, ExecutionOutcome.Stopped, "It was ended, as this program was told to end.");
            throw;
        }
        catch (Exception fault)
        {
            End(record, ExecutionOutcome.Failed, fault.Message);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<MachineGraph>> MachinesAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult(_machines);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<WorkflowExecution>> ExecutionsAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<WorkflowExecution>>([.. _all.Select(record => record.Told())]);
    }

    /// <inheritdoc/>
    public Task<ExecutionCourse?> CourseAsync(string id, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult(_all.FirstOrDefault(record => record.Id == id)?.Course());
    }

    /// <inheritdoc/>
    public Task<long> VersionAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult(_version);
    }

    private ExecutionRecord Begin(string machine)
    {
        lock (_lock)
        {
            var record = new ExecutionRecord((++_started).ToString(CultureInfo.InvariantCulture), machine, clock);
            _all.AddFirst(record);
            // Those that run stay; a program has few at once.
            while (_all.Count > Most && _all.LastOrDefault(one => !one.IsRunning) is { } oldest)
                _all.Remove(oldest);
            _version++;
            return record;
        }
    }

    private void End(ExecutionRecord record, ExecutionOutcome outcome, string? cause = null) => Change(() =>
    {
        record.End(outcome, cause);
        return true;
    });

    private void Change(Func<bool> change)
    {
        lock (_lock)
            if (change())
                _version++;
    }
}
