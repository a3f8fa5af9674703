using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;

namespace CdcDms.Infra.Batch;

/// <summary>What a state machine may do that runs the items of a map as executions of their own.</summary>
internal static class MapRuns
{
    /// <summary>Lets it describe and stop these executions: CDK names the state machine's ARN there, but they have another.</summary>
    /// <param name="machine">The state machine.</param>
    /// <param name="name">Its name.</param>
    public static void AllowMapRuns(this StateMachine machine, string name)
    {
        var executions = Arns.Executions(machine, name);
        machine.Allow([$"{executions}/*", $"{executions}:*"], "states:DescribeExecution", "states:StopExecution");
    }
}
