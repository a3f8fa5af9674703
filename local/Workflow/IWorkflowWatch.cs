using CdcDms.Contract;

namespace CdcDms.Local.Workflow;

/// <summary>Tells of a workflow's executions, wherever they run.</summary>
internal interface IWorkflowWatch
{
    /// <summary>The state machines; none while nobody knows them yet.</summary>
    /// <exception cref="CdcDmsException">They cannot be read.</exception>
    Task<IReadOnlyList<MachineGraph>> MachinesAsync(CancellationToken cancellationToken);

    /// <summary>The executions that run and the last that ended, the newest first.</summary>
    /// <exception cref="CdcDmsException">They cannot be read.</exception>
    Task<IReadOnlyList<WorkflowExecution>> ExecutionsAsync(CancellationToken cancellationToken);

    /// <summary>One of these executions with its way; null where it is none of them any more.</summary>
    /// <exception cref="CdcDmsException">It cannot be read.</exception>
    Task<ExecutionCourse?> CourseAsync(string id, CancellationToken cancellationToken);

    /// <summary>A number that is another one once anything has changed that the others tell.</summary>
    /// <exception cref="CdcDmsException">Nothing can be read.</exception>
    Task<long> VersionAsync(CancellationToken cancellationToken);
}
