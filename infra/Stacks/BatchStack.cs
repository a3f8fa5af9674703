using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Infra.Batch;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Health;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Notices;
using CdcDms.Infra.Spark;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>What the batch stack needs.</summary>
public sealed record BatchStackProps
{
    /// <summary>Where the functions run.</summary>
    public required FunctionNetwork Network { get; init; }

    /// <summary>Where functions run that talk to the source, too.</summary>
    public required FunctionNetwork SourceNetwork { get; init; }

    /// <summary>The lake, which the functions read.</summary>
    public required IBucket Bucket { get; init; }

    /// <summary>Decrypts the lake.</summary>
    public required IKey LakeKey { get; init; }

    /// <summary>Where people are told.</summary>
    public required NoticeTopics Topics { get; init; }

    /// <summary>The database that the functions read for proofs.</summary>
    public required DatabaseConnection Source { get; init; }

    /// <summary>The database into which the functions merge.</summary>
    public required DatabaseConnection Analytics { get; init; }

    /// <summary>The functions.</summary>
    public required FunctionBundle Bundle { get; init; }

    /// <summary>The folder of the Spark job's script.</summary>
    public required string ScriptFolder { get; init; }
}

/// <summary>From the lake to PostgreSQL: functions, the workflows that call them, and the schedules of these and of markers.</summary>
public sealed class BatchStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public BatchStack(Construct scope, DeploymentEnvironment environment, BatchStackProps props)
        : base(scope, StackNames.Batch(environment), environment, "CdcDms: Parquet to PostgreSQL by Step Functions and Lambda")
    {
        var databases = new DatabaseAccess { Environment = environment, Source = props.Source, Analytics = props.Analytics };
        var functions = new BatchFunctions(this, "Functions", new BatchFunctionsProps
        {
            Databases = databases,
            Network = props.Network,
            SourceNetwork = props.SourceNetwork,
            Bucket = props.Bucket,
            LakeKey = props.LakeKey,
            Bundle = props.Bundle,
            LogRemoval = DataRemoval,
        });
        var around = new WorkflowSurroundings
        {
            Environment = environment,
            Topics = props.Topics,
            LogRemoval = DataRemoval,
        };
        var table = new TableWorkflow(this, "Table", new TableWorkflowProps
        {
            Environment = environment,
            Functions = functions,
            LogRemoval = DataRemoval,
        });
        if (environment.Batch.Glue is { } glue)
            _ = new SparkJob(this, "Spark", new SparkJobProps
            {
                Environment = environment,
                Settings = glue,
                Bucket = props.Bucket,
                LakeKey = props.LakeKey,
                ScriptFolder = props.ScriptFolder,
                LogRemoval = DataRemoval,
            });
        var batch = new BatchWorkflow(this, "Batch", new BatchWorkflowProps
        {
            Around = around,
            TableWorkflow = table.Machine,
            MergeMarkers = functions.MergeMarkers,
            Bucket = props.Bucket,
        });
        var proof = new ProofWorkflow(this, "Proof", new ProofWorkflowProps { Around = around, Prove = functions.Prove });
        var asksDms = new DmsLambdaProps { Environment = environment, Bundle = props.Bundle, LogRemoval = DataRemoval };
        var reload = new ReloadLambda(this, "ReloadFunction", asksDms);
        _ = new ReloadWorkflow(this, "Reload", new ReloadWorkflowProps
        {
            Around = around,
            Reload = reload.Function,
            Prove = functions.Prove,
            TableWorkflow = table.Machine,
            Bucket = props.Bucket,
        });
        var onBoth = new LakeLambdaProps
        {
            Databases = databases,
            Network = props.SourceNetwork,
            Bucket = props.Bucket,
            LakeKey = props.LakeKey,
            Bundle = props.Bundle,
            LogRemoval = DataRemoval,
        };
        var health = new HealthWorkflow(this, "Health", new HealthWorkflowProps
        {
            Around = around,
            Replication = new ReplicationHealthLambda(this, "ReplicationHealth", asksDms).Function,
            Health = new HealthLambda(this, "HealthFunction", onBoth).Function,
            Lake = MergeTable.Lake(environment, props.Bucket),
        });
        _ = new OperateLambda(this, "OperateFunction", onBoth);
        var schedule = new BatchSchedule(this, "Schedule", environment);
        schedule.Start("Rule", "Merge what waits in the lake", environment.Batch.Schedule, batch.Machine);
        schedule.Start("HealthRule", "Look how the pipeline is", environment.Health.Schedule, health.Machine);
        schedule.Start(
            "HealthMessageRule", "Tell how the pipeline is", environment.Health.MessageSchedule, health.Machine,
            new Dictionary<string, object> { ["tell"] = true });
        if (environment.Validation.Full is { } full)
            schedule.Start("ProofRule", "Prove whole tables", full.Schedule, proof.Machine);
        _ = new MarkerSchedule(this, "MarkerSchedule", new MarkerScheduleProps
        {
            Minutes = environment.Replication.MarkerMinutes,
            Function = functions.WriteMarker,
        });
    }
}
