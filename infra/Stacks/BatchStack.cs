using Amazon.CDK;
using CdcDms.Infra.Batch;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>What the batch stack takes from others.</summary>
public sealed record BatchStackProps
{
    /// <summary>Where the functions run.</summary>
    public required NetworkStack Network { get; init; }

    /// <summary>Where they read.</summary>
    public required LakeStack Lake { get; init; }

    /// <summary>Whom they tell.</summary>
    public required OperationsStack Operations { get; init; }

    /// <summary>The database that they compare with.</summary>
    public required DatabaseConnection Source { get; init; }

    /// <summary>The database into which they merge.</summary>
    public required DatabaseConnection Analytics { get; init; }

    /// <summary>The functions.</summary>
    public required FunctionBundle Bundle { get; init; }
}

/// <summary>From the lake to PostgreSQL: functions, the workflow that calls them, and its schedule.</summary>
public sealed class BatchStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public BatchStack(Construct scope, DeploymentEnvironment environment, BatchStackProps props)
        : base(scope, "batch", environment, "CdcDms: Parquet to PostgreSQL by Step Functions and Lambda")
    {
        var functions = new BatchFunctions(this, props);
        var table = new TableWorkflow(this, functions);
        var batch = new BatchWorkflow(this, props, table.Machine);
        BatchSchedule.Create(this, batch.Machine);
    }

    internal RemovalPolicy LogRemoval => DataRemoval;
}
