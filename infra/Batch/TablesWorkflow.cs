using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>Whom a workflow over some tables tells of those that failed, and what happens to its log.</summary>
internal sealed record WorkflowSurroundings
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>Where people are told which tables failed.</summary>
    public required ITopic Topic { get; init; }

    /// <summary>Encrypts what people are told.</summary>
    public required IKey TopicKey { get; init; }

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
internal sealed record TablesFailure(string Outcome, string Error, string What, string Cause, string Severity, string Runbook);

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

/// <summary>
/// A workflow that does the same to some tables, several at a time: those of an input <c>{"tables":[…]}</c>, else those that it carries. A
/// table that fails does not stop the others; at the end people are told its name, and the execution fails.
/// </summary>
internal sealed class TablesWorkflow : Construct
{
    private readonly TablesWorkflowProps _props;

    public TablesWorkflow(Construct scope, string id, TablesWorkflowProps props)
        : base(scope, id)
    {
        _props = props;
        var tables = Tables();
        tables.Next(Ends());
        var first = props.Before?.Invoke(tables) ?? tables;

        // A list without tables is taken for none, so that no caller does nothing by mistake.
        var definition = new Choice(this, "GivenTables").When(Condition.IsPresent("$.tables[0]"), first);
        Machine = new LoggedStateMachine(this, "Default", new LoggedStateMachineProps
        {
            Name = props.Name,
            Comment = props.Comment,
            Definition = definition.Otherwise(props.Carried is { } carried ? Definitions(carried).Next(first) : NoTables()),
            Timeout = props.Timeout,
            LogRemoval = props.Around.LogRemoval,
        }).Machine;
        Machine.Allow([props.Around.TopicKey.KeyArn], "kms:Decrypt", "kms:GenerateDataKey");
    }

    public StateMachine Machine { get; }

    /// <summary>The tables with an outcome, as a path below the summary.</summary>
    public static string Those(string outcome) => $"$.results[?(@.outcome == '{outcome}')]";

    private Pass Definitions(IReadOnlyList<TableDefinition> tables) => new(this, "Definitions", new PassProps
    {
        Result = Result.FromArray(CarriedTables.Of(tables)),
        ResultPath = "$.tables",
    });

    private Fail NoTables() => new(this, "NoTables", new FailProps
    {
        Error = "BadDefinition",
        Cause = $"The input of {_props.Name} names no table: give it {{\"tables\":[…]}}, the definitions as the environment file has them.",
    });

    private Map Tables()
    {
        var tables = new Map(this, WorkflowNames.TablesState, new MapProps
        {
            ItemsPath = "$.tables",
            ItemSelector = new Dictionary<string, object> { ["table.$"] = "$$.Map.Item.Value" },
            MaxConcurrency = _props.SideBySide,
        });
        tables.ItemProcessor(_props.Each);
        return tables;
    }

    private Chain Ends()
    {
        var succeeded = new Succeed(this, _props.Succeeded, new SucceedProps { OutputPath = "$.results" });
        var other = _props.Other?.Invoke(succeeded);
        var parameters = new Dictionary<string, object> { ["results.$"] = "$", ["failed.$"] = Has(_props.Failure.Outcome) };
        var asked = new Choice(this, _props.Asked)
            .When(Condition.BooleanEquals("$.failed", true), Failures().Next(Names()).Next(Tell()));
        if (other is not null)
        {
            parameters[$"{other.Outcome}.$"] = Has(other.Outcome);
            asked.When(Condition.BooleanEquals($"$.{other.Outcome}", true), other.Then);
        }

        return new Pass(this, "Summary", new PassProps { Parameters = parameters }).Next(asked.Otherwise(succeeded));
    }

    private static string Has(string outcome) => $"States.ArrayContains($[*].outcome, '{outcome}')";

    private Pass Failures() => new(this, "Failures", new PassProps
    {
        Parameters = new Dictionary<string, object> { ["failed.$"] = Those(_props.Failure.Outcome) },
    });

    private Pass Names() => new(this, "Names", new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["cause.$"] = $"States.Format('{_props.Failure.Cause}', States.JsonToString($.failed[*].table))",
            ["message.$"] = $"States.Format('[{_props.Failure.Severity}] {_props.Name}: {{}} Runbook: "
                + $"docs/runbook.md#{_props.Failure.Runbook}', States.JsonToString($.failed))",
        },
    });

    // The execution fails whether or not anybody could be told; its own alarm then tells.
    private TellPeople Tell() => new(this, "Tell", new TellPeopleProps
    {
        Environment = _props.Around.Environment,
        Topic = _props.Around.Topic,
        What = _props.Failure.What,
        MessagePath = "$.message",
        Then = new Fail(this, _props.Failure.Error, new FailProps { Error = _props.Failure.Error, CausePath = "$.cause" }),
    });
}
