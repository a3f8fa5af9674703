using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Notices;

namespace CdcDms.Infra.Batch;

/// <summary>Whom a workflow over some tables tells of those that failed, and what happens to its log.</summary>
internal sealed record WorkflowSurroundings
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>Where people are told which tables failed.</summary>
    public required NoticeTopics Topics { get; init; }

    /// <summary>What happens to the log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>What is said when a table failed.</summary>
/// <param name="Outcome">Of a table that failed, one of <see cref="TableOutcomes"/>.</param>
/// <param name="Error">The execution's error, which is also the name of its last state.</param>
/// <param name="What">What has happened, for the subject.</param>
/// <param name="Cause">The execution's cause; <c>{}</c> stands for the tables' names.</param>
/// <param name="Severity">How soon somebody must look.</param>
/// <param name="Runbook">The section of the runbook.</param>
internal sealed record TablesFailure(string Outcome, string Error, string What, string Cause, Severity Severity, string Runbook);

/// <summary>What a workflow over some tables needs.</summary>
internal sealed record TablesWorkflowProps
{
    public required WorkflowSurroundings Around { get; init; }

    /// <summary>The state machine's fixed name.</summary>
    public required string Name { get; init; }

    /// <summary>What the state machine does.</summary>
    public required string Comment { get; init; }

    /// <summary>Longest execution.</summary>
    public required Duration Timeout { get; init; }

    /// <summary>The tables of an execution whose input names none; null when each input has to name them.</summary>
    public required IReadOnlyList<TableDefinition>? Carried { get; init; }

    /// <summary>Tables at a time.</summary>
    public required int SideBySide { get; init; }

    /// <summary>
    /// Whether each table is an execution of its own, so that no number of tables, and no number of looks at one, is more than the 25,000
    /// events that an execution's history holds (AWS: Step Functions quotas).
    /// </summary>
    public bool ExecutionEach { get; init; }

    /// <summary>What is done to the table at <c>$.table</c>; at its end stands an object with the <c>outcome</c>.</summary>
    public required IChainable Each { get; init; }

    /// <summary>What comes before the tables, made of the state that goes on with them. Default: nothing.</summary>
    public Func<State, IChainable>? Before { get; init; }

    /// <summary>What is said when a table failed.</summary>
    public required TablesFailure Failure { get; init; }

    /// <summary>Name of the state that asks whether a table failed.</summary>
    public required string Asked { get; init; }

    /// <summary>Name of the last state when none did.</summary>
    public required string Succeeded { get; init; }

    /// <summary>Another outcome of which people are told, made of the last state. Default: none.</summary>
    public Func<State, OtherOutcome>? Other { get; init; }
}

/// <summary>An outcome that fails no execution, and what follows when a table has it.</summary>
/// <param name="Outcome">One of <see cref="TableOutcomes"/>; at <c>$.Outcome</c> stands whether a table has it.</param>
/// <param name="Then">What follows.</param>
internal sealed record OtherOutcome(string Outcome, IChainable Then);
