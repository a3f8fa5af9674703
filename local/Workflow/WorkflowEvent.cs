using CdcDms.Contract.Functions;

namespace CdcDms.Local.Workflow;

/// <summary>Something that happened in an execution.</summary>
internal abstract record WorkflowEvent;

/// <summary>A state was entered.</summary>
/// <param name="Machine">The state machine's name.</param>
/// <param name="Table">The source table of a table's own execution.</param>
/// <param name="State">The state's name.</param>
internal sealed record StateEntered(string Machine, string? Table, string State) : WorkflowEvent;

/// <summary>A state was left for the next one. One whose failure nobody catches is never left: its execution ends.</summary>
/// <inheritdoc cref="StateEntered"/>
internal sealed record StateLeft(string Machine, string? Table, string State) : WorkflowEvent;

/// <summary>A table's own execution has ended, well or not.</summary>
/// <param name="Machine">The state machine's name.</param>
/// <param name="Table">The source table.</param>
internal sealed record TableOver(string Machine, string Table) : WorkflowEvent;

/// <summary>A task failed; a retry or a catcher may still cure it.</summary>
internal sealed record TaskErred(string Machine, string? Table, string State, string Error, string Cause) : WorkflowEvent;

/// <summary>A failed task is tried again.</summary>
/// <param name="Machine">The state machine's name.</param>
/// <param name="Table">The source table of a table's own execution.</param>
/// <param name="State">The state's name.</param>
/// <param name="Attempt">1 is the first attempt after the one that failed.</param>
internal sealed record TaskRetried(string Machine, string? Table, string State, int Attempt) : WorkflowEvent;

/// <summary>A batch was merged.</summary>
internal sealed record BatchMerged(string Table, MergeOutput Output) : WorkflowEvent;

/// <summary>What stands for Spark has reduced changes.</summary>
/// <param name="Table">The source table.</param>
/// <param name="Read">Changes that were read.</param>
/// <param name="Left">Changes that are left to merge.</param>
internal sealed record ChangesReduced(string Table, long Read, long Left) : WorkflowEvent;

/// <summary>Rows were read at the source for a proof.</summary>
internal sealed record ProofAsked(ProveOutput Output) : WorkflowEvent;

/// <summary>A message went to the alarm topic.</summary>
internal sealed record PeopleTold(string Subject, string Message) : WorkflowEvent;

/// <summary>How an execution ended.</summary>
internal abstract record WorkflowResult;

/// <summary>It succeeded.</summary>
/// <param name="Tables">What was reported of each table.</param>
internal sealed record WorkflowSucceeded(IReadOnlyList<TableReport> Tables) : WorkflowResult;

/// <summary>The pipeline was looked at.</summary>
internal sealed record PipelineLookedAt(HealthReport Report) : WorkflowResult;

/// <summary>It failed.</summary>
internal sealed record WorkflowFailed(string Error, string Cause) : WorkflowResult;

/// <summary>
/// What is reported of a table. Of one that was merged: what became of its proofs, null when none was due; and when no row could be read
/// for the next one, the error and its cause. Of one that was left to another execution: why.
/// Of one that was compared wholly: the keys that differ and were read for proofs.
/// </summary>
internal sealed record TableReport(
    string Table, JudgedProofs? Proofs = null, string? Error = null, string? Cause = null, long? Keys = null, string? Unprovable = null,
    string? Incomplete = null, string? LeftAlone = null);
