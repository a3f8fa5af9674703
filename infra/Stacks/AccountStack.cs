using Amazon.CDK.AWS.IAM;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>
/// The two roles with fixed names that DMS expects once in an account (docs/dms-contract.md#account-roles). All other stacks come later;
/// between these roles and the first DMS resource a KMS key and a bucket are made, which takes minutes, so that the roles are known
/// everywhere by then.
/// </summary>
public sealed class AccountStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public AccountStack(Construct scope, DeploymentEnvironment environment)
        : base(scope, StackNames.Account(environment), environment, "CdcDms: the roles that DMS expects once in an account")
    {
        DmsRole("dms-vpc-role", "AmazonDMSVPCManagementRole");
        DmsRole("dms-cloudwatch-logs-role", "AmazonDMSCloudWatchLogsRole");
    }

    private void DmsRole(string name, string managedPolicy) => new Role(this, name, new RoleProps
    {
        RoleName = name,
        AssumedBy = new ServicePrincipal("dms.amazonaws.com"),
        ManagedPolicies = [ManagedPolicy.FromAwsManagedPolicyName($"service-role/{managedPolicy}")],
    }).ApplyRemovalPolicy(DataRemoval);
}
