using Amazon.CDK;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Batch;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Health;

/// <summary>The function that looks at the source, the lake and the analytics database. It changes nothing in any of them.</summary>
internal sealed class HealthLambda : DatabaseLambda
{
    /// <summary>Longest run: each table is a look at the ledger, and a listing.</summary>
    public static readonly Duration Timeout = Duration.Minutes(5);

    public HealthLambda(Construct scope, string id, LakeLambdaProps props)
        : base(scope, id, props, new DatabaseLambdaSettings
        {
            Name = FunctionNames.Health,
            Description = "Looks at the source, the lake and the analytics database, and tells what is wrong",
            Timeout = Timeout,
            // No secret is cached (AWS: Use AWS Secrets Manager secrets in AWS Lambda functions): a look is rare, and must not tell of a
            // password that was rotated a moment ago.
            Variables = new Dictionary<string, string>([new("SECRETS_MANAGER_TTL", "0"), .. props.Databases.ReaderVariables]),
        })
    {
        Function.Role.ReadsLake(props.Bucket, props.LakeKey, props.Databases.Environment.Lake.Prefix);
        // How old they are.
        Function.Role.Allow(props.Databases.SecretArns, "secretsmanager:DescribeSecret");
    }
}
