using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>
/// The two roles with fixed names that DMS expects once in an account (docs/dms-contract.md#account-roles). They belong to no environment:
/// the stack's name and template are the same whichever environment's file names the account, and the roles outlive the stack, since
/// everything else that uses DMS in the account needs them as well.
/// </summary>
public sealed class AccountStack : Stack
{
    /// <summary>The stack's name.</summary>
    public const string Name = "cdcdms-account";

    /// <summary>Makes the stack.</summary>
    /// <param name="scope">The app.</param>
    /// <param name="environment">Whose account, and in which region the stack stands; roles are of all regions.</param>
    public AccountStack(Construct scope, DeploymentEnvironment environment)
        : base(scope, Name, new StackProps
        {
            Env = new Amazon.CDK.Environment { Account = environment.Account, Region = environment.Region },
            Description = "CdcDms: the roles that DMS expects once in an account",
        })
    {
        Governance.TagAccount(this, environment.Governance);
        DmsRole("dms-vpc-role", "AmazonDMSVPCManagementRole");
        DmsRole("dms-cloudwatch-logs-role", "AmazonDMSCloudWatchLogsRole");
        Governance.Bound(this, environment.Governance);
    }

    private void DmsRole(string name, string managedPolicy) => new Role(this, name, new RoleProps
    {
        RoleName = name,
        AssumedBy = ServiceTrust.OfDms(this, region: null),
        ManagedPolicies = [ManagedPolicy.FromAwsManagedPolicyName($"service-role/{managedPolicy}")],
    }).ApplyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
}
