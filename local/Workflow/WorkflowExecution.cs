using System.Text.Json.Serialization;

namespace CdcDms.Local.Workflow;

/// <summary>An execution of a state machine: one that runs, or how it ended.</summary>
internal sealed record WorkflowExecution
{
    /// <summary>Its name among all executions.</summary>
    public required string Id { get; init; }

    /// <summary>The state machine.</summary>
    public required string Machine { get; init; }

    public required DateTime StartedUtc { get; init; }

    /// <summary>When it ended; null while it runs.</summary>
    public DateTime? EndedUtc { get; init; }

    public required ExecutionOutcome Outcome { get; init; }

    /// <summary>Why it failed, in a sentence; null where it did not.</summary>
    public string? Cause { get; init; }

    /// <summary>What runs now, also in the executions of single tables that it started.</summary>
    public required IReadOnlyList<RunningState> Now { get; init; }

    /// <summary>Batches that were merged; null where nobody counted.</summary>
    public int? Batches { get; init; }

    /// <summary>Files of these batches.</summary>
    public long? Files { get; init; }

    /// <summary>Rows that these batches read.</summary>
    public long? Rows { get; init; }

    /// <summary>Tasks that were tried again.</summary>
    public int? Retries { get; init; }
}

/// <summary>How an execution stands.</summary>
internal enum ExecutionOutcome
{
    [JsonStringEnumMemberName("running")]
    Running,

    [JsonStringEnumMemberName("succeeded")]
    Succeeded,

    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Somebody ended it, or it took too long.</summary>
    [JsonStringEnumMemberName("stopped")]
    Stopped,
}

/// <summary>A state that runs.</summary>
/// <param name="Machine">The state machine.</param>
/// <param name="State">The state.</param>
/// <param name="Table">The source table, in a table's own execution; null in every other.</param>
/// <param name="Times">How many times it runs at once: once for each item of a Map.</param>
/// <param name="SinceUtc">When the oldest of these was entered.</param>
internal sealed record RunningState(string Machine, string State, string? Table, int Times, DateTime SinceUtc);

/// <summary>An execution with the way that it took.</summary>
/// <param name="Execution">The execution.</param>
/// <param name="Passed">The states that were entered.</param>
/// <param name="Failures">What failed in it, the newest last; also what a retry or another way cured.</param>
internal sealed record ExecutionCourse(
    WorkflowExecution Execution, IReadOnlyList<PassedState> Passed, IReadOnlyList<StateFailure> Failures);

/// <summary>A state that was entered.</summary>
/// <param name="Machine">The state machine.</param>
/// <param name="State">The state.</param>
/// <param name="Entered">How many times.</param>
/// <param name="Failed">How many times it failed with no retry that cured it.</param>
internal sealed record PassedState(string Machine, string State, int Entered, int Failed);

/// <summary>A task that failed.</summary>
/// <param name="AtUtc">When.</param>
/// <param name="Machine">The state machine.</param>
/// <param name="State">The state.</param>
/// <param name="Table">The source table, in a table's own execution; null in every other.</param>
/// <param name="Cause">Why, in a sentence.</param>
internal sealed record StateFailure(DateTime AtUtc, string Machine, string State, string? Table, string Cause);
