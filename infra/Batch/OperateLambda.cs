using System.Globalization;
using System.Text.Json;
using Amazon.CDK;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>
/// The function that does for operators, in the VPC, what the command line does elsewhere. The command line finds it by its name; who may
/// invoke it may read and change what the roles of the pipeline may. It has the table definitions of the deployment, so nobody proves or
/// repairs by others than the batches merge by.
/// </summary>
internal sealed class OperateLambda : DatabaseLambda
{
    // Lambda's longest: a table is counted or compared as long as that takes.
    private static readonly Duration Timeout = Duration.Minutes(15);

    public OperateLambda(Construct scope, string id, LakeLambdaProps props)
        : base(scope, id, props, Settings(props))
    {
        var (environment, bucket) = (props.Databases.Environment, props.Bucket);
        Function.Function.AddLayers(new TablesLayer(this, "Tables", environment, props.Bundle));
        Function.Role.ReadsLake(bucket, props.LakeKey, environment.Lake.Prefix);
        // A report that is too large for an answer.
        Function.Role.Allow([$"{bucket.BucketArn}/{environment.Lake.Prefix}/{LakeLayout.AnswerFolder}/*"], "s3:PutObject");
        Function.Role.Allow([props.LakeKey.KeyArn], "kms:GenerateDataKey");
    }

    private static DatabaseLambdaSettings Settings(LakeLambdaProps props)
    {
        var environment = props.Databases.Environment;
        return new DatabaseLambdaSettings
        {
            Name = FunctionNames.Operate,
            FixedName = BatchNames.Operate(environment),
            Description = "Does what operators ask for: status, resume, quarantine, preflight, proofs",
            Timeout = Timeout,
            MemoryMegabytes = environment.Batch.MemoryMegabytes,
            EphemeralStorageMegabytes = environment.Batch.EphemeralStorageMegabytes,
            ReadsRows = true,
            Variables = new Dictionary<string, string>
            {
                [FunctionEnvironment.Lake] = new LakeUri(props.Bucket.BucketName, environment.Lake.Prefix).ToString(),
                [FunctionEnvironment.Tables] = TablesLayer.Path,
                [FunctionEnvironment.FileIntervalSeconds] =
                    environment.Replication.MarkerSeconds.ToString(CultureInfo.InvariantCulture),
                [FunctionEnvironment.TaskDemands] =
                    JsonSerializer.Serialize(TaskOfEnvironment.Demands(environment), ContractJson.Default.TaskDemands),
            },
        };
    }
}
