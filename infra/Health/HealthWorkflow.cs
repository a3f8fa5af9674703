using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Batch;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Notices;
using CdcDms.Infra.StateMachines;
using Constructs;

namespace CdcDms.Infra.Health;

/// <summary>What the health check needs.</summary>
internal sealed record HealthWorkflowProps
{
    public required WorkflowSurroundings Around { get; init; }

    /// <summary>Asks DMS.</summary>
    public required DotnetFunction Replication { get; init; }

    /// <summary>Looks at databases and lake.</summary>
    public required DotnetFunction Health { get; init; }

    /// <summary>The lake's address.</summary>
    public required string Lake { get; init; }
}

/// <summary>
/// Looks how the pipeline is: what DMS says of the replication first, then source, lake and analytics. Its output is what was found, and it
/// succeeds whatever that is: alarms ring by the gauges that the functions write. With the input <c>{"tell":true}</c> people are told, too,
/// also when nothing is wrong.
/// </summary>
internal sealed class HealthWorkflow : Construct
{
    private readonly HealthWorkflowProps _props;

    public HealthWorkflow(Construct scope, string id, HealthWorkflowProps props)
        : base(scope, id)
    {
        _props = props;
        var start = Start();
        start.Next(AskDms(Look().Next(Ends())));
        var nobody = new Pass(
            this, "TellNobody", new PassProps { Parameters = new Dictionary<string, object> { ["tell"] = false } });
        Machine = new LoggedStateMachine(this, "StateMachine", new LoggedStateMachineProps
        {
            Name = BatchNames.HealthWorkflow(Environment),
            Comment = "Looks how the pipeline is",
            Definition = new Choice(this, "GivenTell").When(Condition.IsPresent("$.tell"), start).Otherwise(nobody.Next(start)),
            Timeout = Duration.Minutes(30),
            LogRemoval = props.Around.LogRemoval,
        }).Machine;
        Machine.MayTell(props.Around.Topics);
    }

    public StateMachine Machine { get; }

    private DeploymentEnvironment Environment => _props.Around.Environment;

    private Pass Start()
    {
        return new Pass(this, WorkflowNames.HealthStartState, new PassProps
        {
            Parameters = new Dictionary<string, object>
            {
                ["tell.$"] = "$.tell",
                [WorkflowNames.LakeInput] = _props.Lake,
                ["runbook"] = new MessageLinks(Environment).RunbookPage,
                ["tables"] = CarriedTables.Of(Environment.Tables),
                ["replication"] = new Dictionary<string, object>(),
                ["limits"] = Limits(),
            },
        });
    }

    private Dictionary<string, object> Limits()
    {
        var limits = new Dictionary<string, object>
        {
            ["waitingMinutes"] = Environment.Alarms.AnalyticsAgeMinutes,
            ["freshnessMinutes"] = Environment.Alarms.FreshnessMinutes,
            ["markerSeconds"] = 3 * 60 * Environment.Replication.MarkerMinutes,
            ["slotLagGigabytes"] = Environment.Alarms.SlotLagGigabytes,
        };
        if (Environment.Validation.Full is { } full)
            limits["proof"] = new Dictionary<string, object>
            {
                ["minutes"] = full.MostAge(Environment.Batch.Schedule).TotalMinutes,
                ["leaveOut"] = full.LeaveOut.ToArray(),
            };
        return limits;
    }

    // What else is wrong is told when DMS does not answer, too.
    private LambdaInvoke AskDms(IChainable then)
    {
        var ask = new LambdaInvoke(this, "AskDms", FunctionCall.Props(
            _props.Replication,
            ReplicationHealthLambda.Timeout,
            [
                new("tables.$", "$.tables"),
                new("kind", Environment.Replication.IsServerless ? "serverless" : "task"),
                new("identifier", new ReplicationNames(Environment).Replication),
            ],
            "$.replication",
            "health"));
        ask.Retrying(Environment.Batch.Retries, TriedAgain.Transient);
        ask.AddCatch(then, new CatchProps { ResultPath = JsonPath.DISCARD });
        ask.Next(then);
        return ask;
    }

    private LambdaInvoke Look()
    {
        string[] whole = ["tell", "lake", "runbook", "tables", "limits", "replication"];
        var look = new LambdaInvoke(this, "Look", FunctionCall.Props(
            _props.Health,
            HealthLambda.Timeout,
            whole.Select(part => new KeyValuePair<string, object>($"{part}.$", $"$.{part}")),
            resultPath: null,
            "tell",
            "message",
            "report"));
        look.Retrying(Environment.Batch.Retries, TriedAgain.Transient);
        return look;
    }

    private Choice Ends()
    {
        var done = new Succeed(this, "Looked", new SucceedProps { OutputPath = "$.report" });
        var tell = new TellPeople(this, "Tell", new TellPeopleProps
        {
            Environment = Environment,
            Topics = _props.Around.Topics.Of(Severity.Warning),
            What = "health",
            MessagePath = "$.message",
            Runbook = null,
            Then = done,
        });
        return new Choice(this, "TellPeople").When(Condition.BooleanEquals("$.tell", true), tell.First).Otherwise(done);
    }
}
