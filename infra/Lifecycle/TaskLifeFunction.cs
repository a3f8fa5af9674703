using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Lifecycle;

/// <summary>The function that answers both custom resources. It talks to DMS's public API, so it runs outside the VPC.</summary>
internal static class TaskLifeFunction
{
    /// <summary>A call waits at most 14 minutes for DMS and then fails clearly; a minute remains to say so.</summary>
    public static readonly Duration Timeout = Duration.Minutes(15);

    public static DotnetFunction Create(ReplicationStack stack, FunctionBundle bundle, ReplicationNames names, ReplicationKind kind)
    {
        var function = new DotnetFunction(stack, "TaskLife", new DotnetFunctionProps
        {
            Name = FunctionNames.Lifecycle,
            Description = "Stops the replication before a deploy changes it and starts it afterwards",
            Bundle = bundle,
            MemoryMegabytes = 512,
            Timeout = Timeout,
            LogRemoval = stack.LogRemoval,
        });

        foreach (var (actions, resources) in Permissions(stack, names, kind))
            function.Role.AddToPolicy(new PolicyStatement(new PolicyStatementProps { Actions = actions, Resources = resources }));
        return function;
    }

    private static (string[] Actions, string[] Resources)[] Permissions(ReplicationStack stack, ReplicationNames names, ReplicationKind kind)
    {
        string Arn(string resource) => $"arn:{stack.Partition}:dms:{stack.Region}:{stack.Account}:{resource}";

        // A rollback looks like an update; only the stack's own status tells them apart.
        (string[], string[]) rollback = (["cloudformation:DescribeStacks"], [stack.StackId]);

        // DMS's describe actions take no resource. A task starts only when the connections of both endpoints have been tested.
        return kind == ReplicationKind.Task
            ?
            [
                rollback,
                (["dms:DescribeReplicationTasks", "dms:DescribeConnections"], ["*"]),
                (["dms:StartReplicationTask", "dms:StopReplicationTask"], [Arn($"task:{names.Prefix}-g*")]),
                (["dms:TestConnection"], [Arn($"rep:{names.Prefix}-g*"), Arn($"endpoint:{names.Prefix}-source-g*"), Arn($"endpoint:{names.Prefix}-lake-g*")]),
            ]
            :
            [
                rollback,
                (["dms:DescribeReplications"], ["*"]),
                (["dms:StartReplication", "dms:StopReplication"], [Arn($"replication-config:{names.Prefix}-g*")]),
            ];
    }
}
