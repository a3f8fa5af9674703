using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Batch;

/// <summary>The functions that the workflow calls, each with what it needs and nothing more.</summary>
internal sealed class BatchFunctions
{
    private readonly BatchStack stack;
    private readonly BatchStackProps props;

    public BatchFunctions(BatchStack stack, BatchStackProps props)
    {
        (this.stack, this.props) = (stack, props);
        Plan = Create(FunctionNames.Plan, "Says which change files of a table wait", reads: [DatabaseRole.Analytics]);
        Merge = Create(FunctionNames.Merge, "Merges a batch of a table's change files into the analytics database", reads: [DatabaseRole.Analytics]);
        Validate = Create(FunctionNames.Validate, "Compares a table at the source with its analytics table", reads: [DatabaseRole.Source, DatabaseRole.Analytics]);
        foreach (var function in (DotnetFunction[])[Plan, Merge])
            AllowLake(function.Role);
    }

    public DotnetFunction Plan { get; }

    public DotnetFunction Merge { get; }

    public DotnetFunction Validate { get; }

    private DotnetFunction Create(string name, string description, DatabaseRole[] reads)
    {
        var batch = stack.Settings.Batch;
        var function = new DotnetFunction(stack, char.ToUpperInvariant(name[0]) + name[1..], new DotnetFunctionProps
        {
            Name = name,
            Description = description,
            Bundle = props.Bundle,
            MemoryMegabytes = batch.MemoryMegabytes,
            EphemeralStorageMegabytes = batch.EphemeralStorageMegabytes,
            Timeout = Duration.Minutes(batch.TimeoutMinutes),
            ReservedConcurrency = name == FunctionNames.Merge ? batch.ReservedConcurrency : null,
            LogRemoval = stack.LogRemoval,
            ReadsSecrets = true,
            Traced = true,
            Network = new FunctionNetwork(props.Network.Vpc, props.Network.Subnets, props.Network.SecurityGroups.Functions),
            Variables = reads.SelectMany(Variables).Append(new(FunctionEnvironment.EnvironmentName, stack.Settings.Name)).ToDictionary(),
        });
        foreach (var database in reads.Select(Connection))
        {
            Allow(function.Role, [database.SecretArn], "secretsmanager:GetSecretValue");
            if (database.SecretKmsKeyArn is { } key)
                Allow(function.Role, [key], "kms:Decrypt");
        }

        return function;
    }

    private IEnumerable<KeyValuePair<string, string>> Variables(DatabaseRole role) => role == DatabaseRole.Source
        ? [new(FunctionEnvironment.SourceSecret, props.Source.SecretArn), new(FunctionEnvironment.SourceDatabase, stack.Settings.Source.Database)]
        : [new(FunctionEnvironment.TargetSecret, props.Analytics.SecretArn), new(FunctionEnvironment.TargetDatabase, stack.Settings.Analytics.Database)];

    private DatabaseConnection Connection(DatabaseRole role) => role == DatabaseRole.Source ? props.Source : props.Analytics;

    // Only DMS writes to the lake.
    private void AllowLake(Role role)
    {
        var bucket = props.Lake.Bucket.BucketArn;
        var prefix = stack.Settings.Lake.Prefix;
        Allow(role, [$"{bucket}/{prefix}/*"], "s3:GetObject");
        Allow(role, [props.Lake.Key.KeyArn], "kms:Decrypt");
        role.AddToPolicy(new PolicyStatement(new PolicyStatementProps
        {
            Actions = ["s3:ListBucket"],
            Resources = [bucket],
            Conditions = new Dictionary<string, object> { ["StringLike"] = new Dictionary<string, object> { ["s3:prefix"] = new[] { prefix, $"{prefix}/*" } } },
        }));
    }

    private static void Allow(Role role, string[] resources, params string[] actions) =>
        role.AddToPolicy(new PolicyStatement(new PolicyStatementProps { Actions = actions, Resources = resources }));
}
