using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
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
            AssumedBy = new ServicePrincipal($"dms.{Stack.Of(scope).Region}.amazonaws.com"),
            Description = "Lets DMS read the source database's secret",
        })
    {
        this.Allow([props.Source.SecretArn], "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret");
        if (props.Source.SecretKmsKeyArn is { } key)
            this.Allow([key], "kms:Decrypt", "kms:DescribeKey");
    }
}
