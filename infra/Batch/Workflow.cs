using Amazon.CDK;
using Amazon.CDK.AWS.Logs;
using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Infra.Stacks;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What both state machines have in common: a name, a log without data, traces and an end.</summary>
internal static class Workflow
{
    public static StateMachine Create(Construct scope, BatchStack stack, string name, string comment, IChainable definition, Duration timeout)
    {
        var log = new LogGroup(scope, "Log", new LogGroupProps
        {
            // Log deliveries share one resource policy of 5,120 characters, which this prefix keeps from growing (AWS: Log delivery).
            LogGroupName = $"/aws/vendedlogs/states/{name}",
            Retention = RetentionDays.THREE_MONTHS,
            RemovalPolicy = stack.LogRemoval,
        });
        return new StateMachine(scope, "Machine", new StateMachineProps
        {
            StateMachineName = name,
            Comment = comment,
            DefinitionBody = DefinitionBody.FromChainable(definition),
            Timeout = timeout,
            TracingEnabled = true,
            Logs = new LogOptions { Destination = log, Level = LogLevel.ALL, IncludeExecutionData = false },
        });
    }
}
