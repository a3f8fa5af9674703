using Amazon.CDK;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Health;

/// <summary>What the function needs that asks DMS.</summary>
internal sealed record ReplicationHealthLambdaProps
{
    public required DeploymentEnvironment Environment { get; init; }

    public required FunctionBundle Bundle { get; init; }

    /// <summary>What happens to the function's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>
/// The function that asks DMS how the replication and its tables are. It talks to DMS's public API, so it runs outside the VPC.
/// </summary>
internal sealed class ReplicationHealthLambda : Construct
{
    /// <summary>Longest run: each page of tables is a call.</summary>
    public static readonly Duration Timeout = Duration.Minutes(2);

    public ReplicationHealthLambda(Construct scope, string id, ReplicationHealthLambdaProps props)
        : base(scope, id)
    {
        Function = new DotnetFunction(this, "Function", new DotnetFunctionProps
        {
            Name = FunctionNames.ReplicationHealth,
            Description = "Asks DMS how the replication and its tables are",
            Bundle = props.Bundle,
            MemoryMegabytes = 512,
            Timeout = Timeout,
            LogRemoval = props.LogRemoval,
            Traced = true,
            Variables = new Dictionary<string, string> { [FunctionEnvironment.EnvironmentName] = props.Environment.Name },
        });

        // DMS's describe actions of a replication and of versions take no resource; those of its tables do.
        var (name, serverless) = (new ReplicationNames(props.Environment).Replication, props.Environment.Replication.IsServerless);
        Function.Role.Allow(
            ["*"],
            serverless
                ? ["dms:DescribeReplications"]
                : ["dms:DescribeReplicationTasks", "dms:DescribeReplicationInstances", "dms:DescribeEngineVersions"]);
        Function.Role.Allow(
            [Arns.Dms(this, serverless ? "replication-config" : "task", name)],
            serverless ? "dms:DescribeReplicationTableStatistics" : "dms:DescribeTableStatistics");
    }

    public DotnetFunction Function { get; }
}
