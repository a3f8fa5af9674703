using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Batch;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Functions;
using Constructs;

namespace CdcDms.Infra.Health;

/// <summary>What the function needs that looks at the source, the lake and the analytics database.</summary>
internal sealed record HealthLambdaProps
{
    /// <summary>How the function finds the databases.</summary>
    public required DatabaseAccess Databases { get; init; }

    /// <summary>Where functions run that talk to the source, too.</summary>
    public required FunctionNetwork Network { get; init; }

    /// <summary>The lake.</summary>
    public required IBucket Bucket { get; init; }

    /// <summary>Decrypts the lake.</summary>
    public required IKey LakeKey { get; init; }

    public required FunctionBundle Bundle { get; init; }

    /// <summary>What happens to the function's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>The function that looks at the source, the lake and the analytics database. It changes nothing in any of them.</summary>
internal sealed class HealthLambda : Construct
{
    /// <summary>Longest run: each table is a look at the ledger, and a listing.</summary>
    public static readonly Duration Timeout = Duration.Minutes(5);

    private static readonly DatabaseRole[] Both = [DatabaseRole.Source, DatabaseRole.Analytics];

    public HealthLambda(Construct scope, string id, HealthLambdaProps props)
        : base(scope, id)
    {
        Function = new DotnetFunction(this, "Function", new DotnetFunctionProps
        {
            Name = FunctionNames.Health,
            Description = "Looks at the source, the lake and the analytics database, and tells what is wrong",
            Bundle = props.Bundle,
            MemoryMegabytes = 512,
            Timeout = Timeout,
            LogRemoval = props.LogRemoval,
            ReadsSecrets = true,
            Traced = true,
            Network = props.Network,
            // No secret is cached (AWS: Use AWS Secrets Manager secrets in AWS Lambda functions): a look is rare, and must not tell of a
            // password that was rotated a moment ago.
            Variables = new Dictionary<string, string>(props.Databases.Variables(Both)) { ["SECRETS_MANAGER_TTL"] = "0" },
        });
        props.Databases.Allow(Function.Role, Both);
        Function.Role.ReadsLake(props.Bucket, props.LakeKey, props.Databases.Environment.Lake.Prefix);
    }

    public DotnetFunction Function { get; }
}
