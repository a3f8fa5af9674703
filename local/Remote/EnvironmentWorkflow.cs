using CdcDms.Aws;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Remote;

/// <summary>
/// Tells of the executions of an environment on AWS. One look at a time serves all who ask, and stands, also where it failed, until the
/// next is due. Threads may share it.
/// </summary>
/// <param name="access">The environment, and the operator's access to it.</param>
/// <param name="betweenLooks">The shortest time between two looks.</param>
/// <param name="clock">The time.</param>
internal sealed class EnvironmentWorkflow(AwsAccess access, TimeSpan betweenLooks, TimeProvider clock) : IWorkflowWatch
{
    private const int MostOfMachine = 10;

    // Those that run, the newest first, of which a look says in which states they are.
    private const int MostFollowed = 8;

    private readonly ExecutionReads _reads = new(access);
    private readonly Lock _lock = new();
    private IReadOnlyList<MachineGraph>? _machines;
    private Dictionary<string, string?> _causes = [];
    private Task<ExecutionLook>? _look;
    private long _begun, _version;
    private string? _told;

    private IReadOnlyList<string> Machines { get; } =
    [
        .. new[]
        {
            WorkflowNames.Workflow, WorkflowNames.TableWorkflow, WorkflowNames.ProofWorkflow, WorkflowNames.HealthWorkflow,
            WorkflowNames.ReloadWorkflow, WorkflowNames.RestartWorkflow,
        }.Select(name => name(access.Environment.Name)),
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<MachineGraph>> MachinesAsync(CancellationToken cancellationToken) => _machines ??=
        await EachMachineAsync(async machine => MachineGraph.Of(machine, await _reads.DefinitionAsync(machine, cancellationToken)));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WorkflowExecution>> ExecutionsAsync(CancellationToken cancellationToken) =>
        (await Look().WaitAsync(cancellationToken)).Executions;

    /// <inheritdoc/>
    public async Task<ExecutionCourse?> CourseAsync(string id, CancellationToken cancellationToken)
    {
        if (id.Split(':') is not [var machine, var name] || !Machines.Contains(machine))
            return null;
        return (await Look().WaitAsync(cancellationToken)).Followed.GetValueOrDefault(id)
            ?? await ReadAsync(machine, name, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>It waits for no answer of AWS, and a failure is a change, which the others tell.</remarks>
    public Task<long> VersionAsync(CancellationToken cancellationToken)
    {
        Look();
        lock (_lock)
            return Task.FromResult(_version);
    }

    private Task<ExecutionLook> Look()
    {
        lock (_lock)
        {
            if (_look is null || (_look.IsCompleted && clock.GetElapsedTime(_begun) >= betweenLooks))
                (_begun, _look) = (clock.GetTimestamp(), Task.Run(LookAsync));
            return _look;
        }
    }

    private async Task<ExecutionLook> LookAsync()
    {
        try
        {
            var look = await LookOnceAsync();
            Tell(string.Join(' ', look.Executions.Select(one => $"{one.Id} {one.Outcome}")), look.Followed.Count > 0);
            return look;
        }
        catch (CdcDmsException fault)
        {
            Tell(fault.Message, always: false);
            throw;
        }
    }

    private void Tell(string told, bool always)
    {
        lock (_lock)
            if (always || told != _told)
                (_told, _version) = (told, _version + 1);
    }

    private async Task<ExecutionLook> LookOnceAsync()
    {
        var lists = await EachMachineAsync(
            async machine => (await _reads.NewestAsync(machine, MostOfMachine, CancellationToken.None)).Select(one => (machine, one)));
        var (all, followed) = (new List<WorkflowExecution>(), new Dictionary<string, ExecutionCourse>());
        var causes = new Dictionary<string, string?>();
        foreach (var (machine, one) in lists.SelectMany(list => list).OrderByDescending(of => of.one.StartDate))
        {
            var (id, outcome) = ($"{machine}:{one.Name}", HistoryEvents.Outcome(one.Status));
            if (outcome is ExecutionOutcome.Running && followed.Count < MostFollowed
                && await ReadAsync(machine, one.Name, CancellationToken.None) is { } course)
            {
                (followed[id], var execution) = (course, course.Execution);
                all.Add(execution);
                continue;
            }

            if (outcome is ExecutionOutcome.Failed or ExecutionOutcome.Stopped)
                causes[id] = _causes.TryGetValue(id, out var known) ? known
                    : await _reads.FindAsync(machine, one.Name, CancellationToken.None) is { } ended ? HistoryEvents.Cause(ended) : null;
            all.Add(new WorkflowExecution
            {
                Id = id,
                Machine = machine,
                StartedUtc = HistoryEvents.Time(one.StartDate),
                EndedUtc = one.StopDate is { } end ? HistoryEvents.Time(end) : null,
                Outcome = outcome,
                Cause = causes.GetValueOrDefault(id),
                Now = [],
            });
        }

        _causes = causes;
        return new ExecutionLook(all, followed);
    }

    private async Task<ExecutionCourse?> ReadAsync(string machine, string name, CancellationToken cancellationToken) =>
        await _reads.FindAsync(machine, name, cancellationToken) is { } execution
            ? HistoryEvents.Course(
                $"{machine}:{name}", machine, execution, await _reads.HistoryAsync(machine, name, cancellationToken))
            : null;

    // A deployment of another release may lack one. Where all are missing, the last says so.
    private async Task<IReadOnlyList<T>> EachMachineAsync<T>(Func<string, Task<T>> readAsync)
    {
        var (found, missing) = (new List<T>(), (CdcDmsException?)null);
        foreach (var machine in Machines)
            try
            {
                found.Add(await readAsync(machine));
            }
            catch (CdcDmsException fault) when (fault.InnerException is AwsException { Code: "StateMachineDoesNotExist" })
            {
                missing = fault;
            }

        return found.Count > 0 ? found : throw missing!;
    }

    /// <summary>What a look has found.</summary>
    /// <param name="Executions">The newest executions of each state machine.</param>
    /// <param name="Followed">Those that run, with their way, by name.</param>
    private sealed record ExecutionLook(IReadOnlyList<WorkflowExecution> Executions, IReadOnlyDictionary<string, ExecutionCourse> Followed);
}
