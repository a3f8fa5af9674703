using Amazon.CDK;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the function needs.</summary>
internal sealed record ReloadLambdaProps
{
    public required DeploymentEnvironment Environment { get; init; }

    public required FunctionBundle Bundle { get; init; }

    /// <summary>What happens to the function's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>
/// The function that asks DMS for the load of a table and looks how far it is. It talks to DMS's public API, so it runs outside the VPC.
/// </summary>
internal sealed class ReloadLambda : Construct
{
    /// <summary>Longest run: each call looks once.</summary>
    public static readonly Duration Timeout = Duration.Minutes(1);

    public ReloadLambda(Construct scope, string id, ReloadLambdaProps props)
        : base(scope, id)
    {
        Function = new DotnetFunction(this, "Function", new DotnetFunctionProps
        {
            Name = FunctionNames.Reload,
            Description = "Has DMS load a table again, and looks how far the load is",
            Bundle = props.Bundle,
            MemoryMegabytes = 512,
            Timeout = Timeout,
            LogRemoval = props.LogRemoval,
            Traced = true,
            Variables = new Dictionary<string, string> { [FunctionEnvironment.EnvironmentName] = props.Environment.Name },
        });

        // DMS's describe actions of a replication take no resource; those of its tables do.
        var (name, serverless) = (new ReplicationNames(props.Environment).Replication, props.Environment.Replication.IsServerless);
        Function.Role.Allow(["*"], serverless ? "dms:DescribeReplications" : "dms:DescribeReplicationTasks");
        Function.Role.Allow(
            [Arns.Dms(this, serverless ? "replication-config" : "task", name)],
            serverless
                ? ["dms:DescribeReplicationTableStatistics", "dms:ReloadReplicationTables"]
                : ["dms:DescribeTableStatistics", "dms:ReloadTables"]);
    }

    public DotnetFunction Function { get; }
}
