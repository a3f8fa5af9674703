using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Replication;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.TaskLife;

/// <summary>The function that answers both custom resources. It talks to DMS's public API, so it runs outside the VPC.</summary>
internal static class TaskLifeFunction
{
    /// <summary>A call waits at most 14 minutes for DMS and then fails clearly; a minute remains to say so.</summary>
    public static readonly Duration Timeout = Duration.Minutes(15);

    public static DotnetFunction Create(ReplicationStack stack, FunctionBundle bundle, ReplicationNames names, ReplicationKind kind)
    {
        var function = new DotnetFunction(stack, "TaskLife", new DotnetFunctionProps
        {
            Name = FunctionNames.TaskLife,
            Description = "Stops the replication before a deploy changes it and starts it afterwards",
            Bundle = bundle,
            MemoryMegabytes = 512,
            Timeout = Timeout,
            LogRemoval = stack.LogRemoval,
        });

        // DMS's describe actions take no resource.
        var (describe, change, arn) = kind == ReplicationKind.Task
            ? (["dms:DescribeReplicationTasks"], ["dms:StartReplicationTask", "dms:StopReplicationTask"], "task")
            : ((string[])["dms:DescribeReplicationConfigs", "dms:DescribeReplications"], (string[])["dms:StartReplication", "dms:StopReplication"], "replication-config");
        function.Role.AddToPolicy(new PolicyStatement(new PolicyStatementProps { Actions = describe, Resources = ["*"] }));
        function.Role.AddToPolicy(new PolicyStatement(new PolicyStatementProps
        {
            Actions = change,
            Resources = [$"arn:{stack.Partition}:dms:{stack.Region}:{stack.Account}:{arn}:{names.Prefix}-g*"],
        }));
        return function;
    }
}
