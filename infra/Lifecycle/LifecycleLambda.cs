using Amazon.CDK;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Lifecycle;

/// <summary>What the function needs.</summary>
internal sealed record LifecycleLambdaProps
{
    public required FunctionBundle Bundle { get; init; }

    /// <summary>The environment, of whose deployments the function gives signs.</summary>
    public required string EnvironmentName { get; init; }

    public required ReplicationNames Names { get; init; }

    /// <summary>What is started and stopped.</summary>
    public required ReplicationKind Kind { get; init; }

    /// <summary>What happens to the function's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>The function that answers both custom resources. It talks to DMS's public API, so it runs outside the VPC.</summary>
internal sealed class LifecycleLambda : Construct
{
    /// <summary>A call waits at most 14 minutes for DMS and then fails clearly; a minute remains to say so.</summary>
    public static readonly Duration Timeout = Duration.Minutes(15);

    public LifecycleLambda(Construct scope, string id, LifecycleLambdaProps props)
        : base(scope, id)
    {
        var function = new DotnetFunction(this, "Function", new DotnetFunctionProps
        {
            Name = FunctionNames.Lifecycle,
            Description = "Stops the replication before a deploy changes it and starts it afterwards",
            Bundle = props.Bundle,
            MemoryMegabytes = 512,
            Variables = new Dictionary<string, string> { [FunctionEnvironment.EnvironmentName] = props.EnvironmentName },
            Timeout = Timeout,
            LogRemoval = props.LogRemoval,
        });
        Arn = function.Function.FunctionArn;

        // A rollback looks like an update; only the stack's own status tells them apart.
        function.Role.Allow([Stack.Of(this).StackId], "cloudformation:DescribeStacks");
        function.Role.Allow([Arns.StateMachine(this, props.Names.Preflight)], "states:StartExecution");
        function.Role.Allow([$"{Arns.Executions(this, props.Names.Preflight)}:*"], "states:DescribeExecution");
        if (props.Kind == ReplicationKind.Task)
            AllowTask(function, props.Names);
        else
            AllowServerless(function, props.Names);
    }

    public string Arn { get; }

    private string[] Every(string kind, IEnumerable<string> names) => [.. names.Select(name => Arns.Dms(this, kind, name))];

    // DMS's describe actions take no resource. A task starts only when the connections of both endpoints have been tested.
    private void AllowTask(DotnetFunction function, ReplicationNames names)
    {
        string[] connections =
        [
            .. Every("rep", names.EveryReplication), .. Every("endpoint", names.EverySource), .. Every("endpoint", names.EveryTarget),
        ];
        function.Role.Allow(["*"], "dms:DescribeReplicationTasks", "dms:DescribeConnections");
        function.Role.Allow(
            Every("task", names.EveryReplication),
            "dms:StartReplicationTask",
            "dms:StopReplicationTask",
            "dms:DescribeTableStatistics",
            "dms:ReloadTables");
        function.Role.Allow(connections, "dms:TestConnection");
    }

    private void AllowServerless(DotnetFunction function, ReplicationNames names)
    {
        function.Role.Allow(["*"], "dms:DescribeReplications");
        function.Role.Allow(
            Every("replication-config", names.EveryReplication),
            "dms:StartReplication",
            "dms:StopReplication",
            "dms:DescribeReplicationTableStatistics",
            "dms:ReloadReplicationTables");
    }
}
