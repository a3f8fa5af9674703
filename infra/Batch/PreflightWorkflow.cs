using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.StateMachines;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>
/// Looks at both databases for what stops DMS and the merge or loses something. A deployment starts it before DMS first starts, and people
/// whenever they like, with the input <c>{}</c>. Its output is what was found; it fails only when a database could not be looked at.
/// </summary>
internal sealed class PreflightWorkflow : Construct
{
    private readonly DeploymentEnvironment _environment;

    public PreflightWorkflow(Construct scope, string id, DatabaseLambdaProps props)
        : base(scope, id)
    {
        _environment = props.Databases.Environment;
        // CDK leaves an id of this name out of logical ids, so the function keeps its own.
        var function = new PreflightLambda(this, "Default", props).Function;
        var look = new LambdaInvoke(this, "Look", FunctionCall.Props(
            function, PreflightLambda.Timeout, Input(), resultPath: null, "blocks", "loses", "warns"));
        look.Retrying(_environment.Batch.Retries, TriedAgain.Transient);
        var everyTable = new Pass(this, "EveryTable", new PassProps
        {
            Parameters = new Dictionary<string, object> { ["only"] = Array.Empty<string>() },
        });
        _ = new LoggedStateMachine(this, "StateMachine", new LoggedStateMachineProps
        {
            Name = new ReplicationNames(_environment).Preflight,
            Comment = "Looks at both databases for what stops DMS and the merge or loses something",
            Definition = new Choice(this, "GivenTables")
                .When(Condition.IsPresent("$.only"), look)
                .Otherwise(everyTable.Next(look)),
            Timeout = Duration.Minutes(30),
            LogRemoval = props.LogRemoval,
        });
    }

    private Dictionary<string, object> Input()
    {
        var demands = TaskOfEnvironment.Demands(_environment);
        var input = new Dictionary<string, object>
        {
            ["tables"] = CarriedTables.Of(_environment.Tables),
            ["only.$"] = "$.only",
            ["lobKilobytes"] = demands.LobKilobytes,
            ["captureDdl"] = demands.CaptureDdl,
        };
        if (demands.HeartbeatSchema is { } heartbeat)
            input["heartbeatSchema"] = heartbeat;
        if (demands.Slot is { } slot)
            input["slot"] = slot;
        if (demands.EngineVersion is { } version)
            input["engineVersion"] = version;
        return input;
    }
}
