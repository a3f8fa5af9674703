using System.Globalization;
using System.Text.Json;
using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the function needs.</summary>
internal sealed record OperateLambdaProps
{
    /// <summary>How the function finds the databases.</summary>
    public required DatabaseAccess Databases { get; init; }

    /// <summary>Where the function runs: it talks to both databases.</summary>
    public required FunctionNetwork Network { get; init; }

    /// <summary>The lake.</summary>
    public required IBucket Bucket { get; init; }

    /// <summary>Encrypts the lake.</summary>
    public required IKey LakeKey { get; init; }

    public required FunctionBundle Bundle { get; init; }

    /// <summary>What happens to the function's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>
/// The function that does for operators, in the VPC, what the command line does elsewhere. The command line finds it by its name; who may
/// invoke it may read and change what the roles of the pipeline may.
/// </summary>
internal sealed class OperateLambda : Construct
{
    // Lambda's longest: a table is counted or compared as long as that takes.
    private static readonly Duration Timeout = Duration.Minutes(15);
    private static readonly DatabaseRole[] Both = [DatabaseRole.Source, DatabaseRole.Analytics];

    public OperateLambda(Construct scope, string id, OperateLambdaProps props)
        : base(scope, id)
    {
        var (environment, bucket) = (props.Databases.Environment, props.Bucket);
        var lake = new LakeUri(bucket.BucketName, environment.Lake.Prefix);
        var function = new DotnetFunction(this, "Function", new DotnetFunctionProps
        {
            Name = FunctionNames.Operate,
            FixedName = BatchNames.Operate(environment),
            Description = "Does what operators ask for: status, resume, quarantine, preflight, proofs",
            Bundle = props.Bundle,
            MemoryMegabytes = environment.Batch.MemoryMegabytes,
            EphemeralStorageMegabytes = environment.Batch.EphemeralStorageMegabytes,
            Timeout = Timeout,
            LogRemoval = props.LogRemoval,
            ReadsSecrets = true,
            Traced = true,
            Network = props.Network,
            Variables = new Dictionary<string, string>([.. props.Databases.Variables(Both), .. props.Databases.ReaderVariables])
            {
                [FunctionEnvironment.Lake] = lake.ToString(),
                [FunctionEnvironment.FileIntervalSeconds] =
                    environment.Replication.CdcIntervalSeconds.ToString(CultureInfo.InvariantCulture),
                [FunctionEnvironment.TaskDemands] =
                    JsonSerializer.Serialize(TaskOfEnvironment.Demands(environment), ContractJson.Default.TaskDemands),
            },
        });
        props.Databases.Allow(function.Role, Both);
        props.Databases.AllowReader(function.Role);
        function.Role.ReadsLake(bucket, props.LakeKey, environment.Lake.Prefix);
        // A report that is too large for an answer.
        function.Role.Allow([$"{bucket.BucketArn}/{environment.Lake.Prefix}/{LakeLayout.AnswerFolder}/*"], "s3:PutObject");
        function.Role.Allow([props.LakeKey.KeyArn], "kms:GenerateDataKey");
    }
}
