using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.RegionInfo;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Replication;

/// <summary>What the role needs.</summary>
internal sealed record SourceSecretRoleProps
{
    /// <summary>The database whose secret is read.</summary>
    public required DatabaseConnection Source { get; init; }
}

/// <summary>The role that reads the source's secret. DMS reads secrets as its regional principal (docs/dms-contract.md#secrets).</summary>
internal sealed class SourceSecretRole : Role
{
    public SourceSecretRole(Construct scope, string id, SourceSecretRoleProps props)
        : base(scope, id, new RoleProps
        {
            AssumedBy = ServiceTrust.OfDms(scope, Stack.Of(scope).Region, RegionalDms(Stack.Of(scope).Region)),
            Description = "Lets DMS read the source database's secret",
        })
    {
        this.Allow([props.Source.SecretArn], "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret");
        if (props.Source.SecretKmsKeyArn is { } key)
            this.Allow([key], "kms:Decrypt", "kms:DescribeKey");
    }

    // In China the regional principal has the partition's own suffix.
    private static string RegionalDms(string region) => $"dms.{region}.{RegionInfo.Get(region).DomainSuffix ?? "amazonaws.com"}";
}
