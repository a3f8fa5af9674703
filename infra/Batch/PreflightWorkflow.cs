using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.StateMachines;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the look at the databases needs.</summary>
internal sealed record PreflightWorkflowProps
{
    /// <summary>How the function finds the databases.</summary>
    public required DatabaseAccess Databases { get; init; }

    /// <summary>Where the function runs.</summary>
    public required FunctionNetwork Network { get; init; }

    public required FunctionBundle Bundle { get; init; }

    /// <summary>What happens to the logs when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>
/// Looks at both databases for what stops DMS and the merge or loses something. A deployment starts it before DMS first starts, and people
/// whenever they like, with the input <c>{}</c>. Its output is what was found; it fails only when a database could not be looked at.
/// </summary>
internal sealed class PreflightWorkflow : Construct
{
    private static readonly Duration LongestLook = Duration.Minutes(5);
    private static readonly DatabaseRole[] Both = [DatabaseRole.Source, DatabaseRole.Analytics];
    private readonly PreflightWorkflowProps _props;

    public PreflightWorkflow(Construct scope, string id, PreflightWorkflowProps props)
        : base(scope, id)
    {
        _props = props;
        var look = new LambdaInvoke(this, "Look", FunctionCall.Props(
            Function(), LongestLook, Input(), resultPath: null, "blocks", "loses", "warns"));
        look.Retrying(Environment.Batch.Retries, TriedAgain.Transient);
        var everyTable = new Pass(this, "EveryTable", new PassProps
        {
            Parameters = new Dictionary<string, object> { ["only"] = Array.Empty<string>() },
        });
        _ = new LoggedStateMachine(this, "StateMachine", new LoggedStateMachineProps
        {
            Name = new ReplicationNames(Environment).Preflight,
            Comment = "Looks at both databases for what stops DMS and the merge or loses something",
            Definition = new Choice(this, "GivenTables")
                .When(Condition.IsPresent("$.only"), look)
                .Otherwise(everyTable.Next(look)),
            Timeout = Duration.Minutes(30),
            LogRemoval = props.LogRemoval,
        });
    }

    private DeploymentEnvironment Environment => _props.Databases.Environment;

    private DotnetFunction Function()
    {
        var function = new DotnetFunction(this, "Function", new DotnetFunctionProps
        {
            Name = FunctionNames.Preflight,
            Description = "Looks at both databases for what stops DMS and the merge or loses something",
            Bundle = _props.Bundle,
            MemoryMegabytes = 512,
            Timeout = LongestLook,
            LogRemoval = _props.LogRemoval,
            ReadsSecrets = true,
            Traced = true,
            Network = _props.Network,
            Variables = new Dictionary<string, string>([.. _props.Databases.Variables(Both), .. _props.Databases.ReaderVariables]),
        });
        _props.Databases.Allow(function.Role, Both);
        _props.Databases.AllowReader(function.Role);
        return function;
    }

    private Dictionary<string, object> Input()
    {
        var demands = TaskOfEnvironment.Demands(Environment);
        var input = new Dictionary<string, object>
        {
            ["tables"] = CarriedTables.Of(Environment.Tables),
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
