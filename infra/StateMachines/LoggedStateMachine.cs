using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Logs;
using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.StateMachines;

/// <summary>What a state machine needs.</summary>
internal sealed record LoggedStateMachineProps
{
    public required string Name { get; init; }

    /// <summary>What the state machine does.</summary>
    public required string Comment { get; init; }

    /// <summary>The first state.</summary>
    public required IChainable Definition { get; init; }

    /// <summary>Longest execution.</summary>
    public required Duration Timeout { get; init; }

    /// <summary>What happens to the log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>A state machine with a fixed name, a log that holds no data, traces and an end.</summary>
internal sealed class LoggedStateMachine : Construct
{
    public LoggedStateMachine(Construct scope, string id, LoggedStateMachineProps props)
        : base(scope, id)
    {
        var log = new LogGroup(this, "Log", new LogGroupProps
        {
            LogGroupName = LogName(this, props.Name),
            Retention = RetentionDays.THREE_MONTHS,
            RemovalPolicy = props.LogRemoval,
        });
        Machine = new StateMachine(this, "Machine", new StateMachineProps
        {
            StateMachineName = props.Name,
            Role = new Role(this, "Role", new RoleProps { AssumedBy = ServiceTrust.Of(this, ServiceTrust.StepFunctions) }),
            Comment = props.Comment,
            DefinitionBody = DefinitionBody.FromChainable(props.Definition),
            Timeout = props.Timeout,
            TracingEnabled = true,
            Logs = new LogOptions { Destination = log, Level = LogLevel.ALL, IncludeExecutionData = false },
        });
    }

    public StateMachine Machine { get; }

    // The prefix keeps the one resource policy of all log deliveries, which has 5,120 characters, from growing (AWS: Log delivery).
    private static string LogName(Construct scope, string stateMachine) => LogNames.Of(scope, $"/aws/vendedlogs/states/{stateMachine}");
}
