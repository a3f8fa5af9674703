using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the workflow of full proofs needs.</summary>
internal sealed record ProofWorkflowProps
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>Compares a table, and reads the rows that differ for proofs.</summary>
    public required DotnetFunction Prove { get; init; }

    /// <summary>Where people are told which tables failed.</summary>
    public required ITopic Topic { get; init; }

    /// <summary>Encrypts what people are told.</summary>
    public required IKey TopicKey { get; init; }

    /// <summary>What happens to the log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>
/// Compares whole tables, few at a time, and has the rows that differ read for proofs, which the next batches judge: what differs may only
/// be on its way. Tables that are fed from plain files have no source, and those that the environment leaves out are not compared. An
/// input <c>{"tables":[…]}</c> overrides the definitions that the workflow carries. A table that fails does not stop the others; at the end
/// people are told its name, and the execution fails.
/// </summary>
internal sealed class ProofWorkflow : Construct
{
    private const int TablesSideBySide = 2;
    private static readonly Duration LongestExecution = Duration.Hours(24);
    private readonly ProofWorkflowProps _props;
    private readonly string _name;

    public ProofWorkflow(Construct scope, string id, ProofWorkflowProps props)
        : base(scope, id)
    {
        (_props, _name) = (props, BatchNames.ProofWorkflow(props.Environment));
        var tables = Tables();
        tables.Next(Summary()).Next(new Choice(this, "AllAsked")
            .When(Condition.BooleanEquals("$.failed", true), Failures().Next(Names()).Next(Tell()))
            .Otherwise(new Succeed(this, "Asked", new SucceedProps { OutputPath = "$.results" })));
        Machine = new LoggedStateMachine(this, "StateMachine", new LoggedStateMachineProps
        {
            Name = _name,
            Comment = "Compares whole tables, and has what differs proven",
            Definition = new Choice(this, "GivenTables")
                .When(Condition.IsPresent("$.tables[0]"), tables)
                .Otherwise(Definitions().Next(tables)),
            Timeout = LongestExecution,
            LogRemoval = props.LogRemoval,
        }).Machine;
        Machine.Allow([props.TopicKey.KeyArn], "kms:Decrypt", "kms:GenerateDataKey");
    }

    public StateMachine Machine { get; }

    private IReadOnlyList<TableDefinition> Proven =>
    [
        .. _props.Environment.Tables.Where(
            table => table.Feed is null && _props.Environment.Validation.Full?.LeaveOut.Contains(table.Source.ToString()) != true),
    ];

    private Pass Definitions() => new(this, "Definitions", new PassProps
    {
        Result = Result.FromArray(CarriedTables.Of(Proven)),
        ResultPath = "$.tables",
    });

    private Map Tables()
    {
        var tables = new Map(this, WorkflowNames.TablesState, new MapProps
        {
            ItemsPath = "$.tables",
            ItemSelector = new Dictionary<string, object> { ["table.$"] = "$$.Map.Item.Value" },
            MaxConcurrency = TablesSideBySide,
        });
        tables.ItemProcessor(ProveTable());
        return tables;
    }

    // What took all of the function's time takes the source's time again: it is tried again by the next schedule only.
    private LambdaInvoke ProveTable()
    {
        var prove = new LambdaInvoke(this, WorkflowNames.ProveTableState, Call());
        prove.Retrying(_props.Environment.Batch.Retries, TriedAgain.Transient);
        var failed = new FailureRecord(this, "Record", TableOutcomes.NotProven);
        prove.AddCatch(new TableFailure(this, "Failure", failed.First).First, new CatchProps { ResultPath = "$.failure" });
        return prove;
    }

    private LambdaInvokeProps Call()
    {
        var call = FunctionCall.Props(
            _props.Prove,
            Duration.Minutes(_props.Environment.Batch.TimeoutMinutes),
            [
                new("table.$", "$.table"), new("scope", "all"),
                new("repairs", _props.Environment.Validation.Repair == RepairMode.Auto),
            ],
            resultPath: null);
        call.ResultSelector = new Dictionary<string, object>
        {
            ["outcome"] = TableOutcomes.Asked,
            ["report"] = new Dictionary<string, object>
            {
                ["table.$"] = "$.Payload.table",
                ["keys.$"] = "$.Payload.keys",
                ["unprovable.$"] = "$.Payload.unprovable",
            },
        };
        return call;
    }

    private Pass Summary() => new(this, "Summary", new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["results.$"] = "$",
            ["failed.$"] = $"States.ArrayContains($[*].outcome, '{TableOutcomes.NotProven}')",
        },
    });

    private Pass Failures() => new(this, "Failures", new PassProps
    {
        Parameters = new Dictionary<string, object> { ["failed.$"] = $"$.results[?(@.outcome == '{TableOutcomes.NotProven}')]" },
    });

    private Pass Names() => new(this, "Names", new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["cause.$"] = "States.Format('These tables were not proven: {}.', States.JsonToString($.failed[*].table))",
            ["message.$"] =
                $"States.Format('[warning] {_name}: {{}} Runbook: docs/runbook.md#not-proven', States.JsonToString($.failed))",
        },
    });

    private TellPeople Tell() => new(this, "Tell", new TellPeopleProps
    {
        Environment = _props.Environment,
        Topic = _props.Topic,
        What = "tables were not proven",
        MessagePath = "$.message",
        Then = new Fail(this, "TablesNotProven", new FailProps { Error = "TablesNotProven", CausePath = "$.cause" }),
    });
}
