using System.Globalization;
using Amazon.CDK;
using Amazon.CDK.AWS.Glue;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.Logs;
using Amazon.CDK.AWS.S3;
using Amazon.CDK.AWS.S3.Assets;
using CdcDms.Contract.Lake;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Spark;

/// <summary>What the Spark job needs.</summary>
internal sealed record SparkJobProps
{
    public required DeploymentEnvironment Environment { get; init; }

    public required GlueSettings Settings { get; init; }

    /// <summary>The lake.</summary>
    public required IBucket Bucket { get; init; }

    /// <summary>Encrypts the lake.</summary>
    public required IKey LakeKey { get; init; }

    /// <summary>The folder of the job's script.</summary>
    public required string ScriptFolder { get; init; }

    /// <summary>What happens to the job's logs when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>
/// The Glue job that reduces change files. It reads and writes the lake and nothing else: no way to a database, no credentials, no network
/// of ours.
/// </summary>
internal sealed class SparkJob : Construct
{
    private const string Script = "reduce_changes.py";

    // Spark 3.5 with Python 3.11. Glue's own default moves (AWS: Glue versions).
    private const string GlueVersion = "5.0";

    private readonly SparkJobProps _props;

    public SparkJob(Construct scope, string id, SparkJobProps props)
        : base(scope, id)
    {
        _props = props;
        Name = BatchNames.SparkJob(props.Environment);
        var script = new Asset(this, "Script", new AssetProps { Path = Path.Combine(props.ScriptFolder, Script) });
        var role = new Role(this, "Role", new RoleProps
        {
            AssumedBy = ServiceTrust.Of(this, ServiceTrust.Glue),
            Description = "What the Spark job may do",
        });
        AllowLake(role);
        role.Allow([$"arn:{Aws.PARTITION}:s3:::{script.S3BucketName}/{script.S3ObjectKey}"], "s3:GetObject");
        AllowLogs(role, ["error", "output"]);
        _ = new CfnJob(this, "Job", new CfnJobProps
        {
            Name = Name,
            Description = "Reduces change files to the last change of each row",
            Role = role.RoleArn,
            Command = new CfnJob.JobCommandProperty { Name = "glueetl", PythonVersion = "3", ScriptLocation = script.S3ObjectUrl },
            GlueVersion = GlueVersion,
            WorkerType = "G.1X",
            NumberOfWorkers = props.Settings.Workers,
            Timeout = props.Settings.TimeoutMinutes,
            // What failed is merged as it is, and people are told.
            MaxRetries = 0,
            ExecutionProperty = new CfnJob.ExecutionPropertyProperty { MaxConcurrentRuns = props.Environment.Batch.ParallelTables },
            DefaultArguments = new Dictionary<string, string>
            {
                ["--job-bookmark-option"] = "job-bookmark-disable",
                ["--custom-logGroup-prefix"] = LogPrefix,
            },
        });
    }

    /// <summary>The job's name.</summary>
    public string Name { get; }

    // Glue puts its two log groups below (AWS: Logging for AWS Glue jobs).
    private string LogPrefix => LogNames.Of(this, $"/aws-glue/jobs/{Name}");

    private void AllowLake(Role role)
    {
        var (bucket, prefix) = (_props.Bucket.BucketArn, _props.Environment.Lake.Prefix);
        role.Allow([$"{bucket}/{prefix}/g*", $"{bucket}/{prefix}/{LakeLayout.SparkFolder}/*"], "s3:GetObject");
        // To overwrite what an earlier attempt left, Spark deletes it, and gives up uploads of tasks that failed.
        role.Allow([$"{bucket}/{prefix}/{LakeLayout.SparkFolder}/*"], "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload");
        // A file system over S3 may ask for each folder above as if it were an object, or had a mark. There is none.
        string[] above = [prefix, $"{prefix}/{LakeLayout.OwnFolder}", $"{prefix}/{LakeLayout.SparkFolder}"];
        role.Allow([.. above.SelectMany(folder => new[] { $"{bucket}/{folder}", $"{bucket}/{folder}_$folder$" })], "s3:GetObject");
        role.Allow([_props.LakeKey.KeyArn], "kms:Decrypt", "kms:GenerateDataKey");
        role.AddToPolicy(new PolicyStatement(new PolicyStatementProps
        {
            Actions = ["s3:ListBucket"],
            Resources = [bucket],
            Conditions = new Dictionary<string, object>
            {
                ["StringLike"] = new Dictionary<string, object> { ["s3:prefix"] = new[] { prefix, $"{prefix}/*" } },
            },
        }));
    }

    private void AllowLogs(Role role, string[] kinds)
    {
        foreach (var kind in kinds)
        {
            var log = new LogGroup(this, string.Create(CultureInfo.InvariantCulture, $"Log{kind}"), new LogGroupProps
            {
                LogGroupName = $"{LogPrefix}/{kind}",
                Retention = RetentionDays.THREE_MONTHS,
                RemovalPolicy = _props.LogRemoval,
            });
            log.GrantWrite(role);
        }
    }
}
