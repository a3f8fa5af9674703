using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>
/// The two roles that GitHub's workflows have in one environment's account. Each is for the jobs of one GitHub environment of one
/// repository, and may assume roles of the CDK's bootstrap, nothing else. It stands apart from the environment's stacks, which are deployed
/// by it.
/// </summary>
public sealed class GithubStack : EnvironmentStack
{
    private const string Issuer = "token.actions.githubusercontent.com";
    private const string Audience = "sts.amazonaws.com";

    // As long as the workflow deploy-environment asks for.
    private static readonly Duration LongestDeployment = Duration.Hours(3);

    private readonly string _providerArn;

    /// <summary>Makes the stack.</summary>
    /// <param name="scope">The app.</param>
    /// <param name="environment">Whose deployments the roles are for.</param>
    /// <exception cref="CdcDmsException">The environment names no repository.</exception>
    public GithubStack(Construct scope, DeploymentEnvironment environment)
        : base(scope, StackNames.Github(environment), environment, "CdcDms: the roles of GitHub's workflows")
    {
        var github = environment.Governance.Github ?? throw new CdcDmsException(
            ErrorKind.BadDefinition,
            $"{environment.Name}.json $.governance.github: is missing; name the repository whose workflows deploy {environment.Name}.");
        Governance.Tag(this, environment);
        _providerArn = github.CreateProvider
            ? MakeProvider()
            : FormatArn(new ArnComponents { Service = "iam", Region = "", Resource = "oidc-provider", ResourceName = Issuer });
        AddRole("Deploy", "AWS_DEPLOY_ROLE", environment.Name, github, LongestDeployment, "deploy", "file-publishing", "lookup");
        var diff = AddRole("Diff", "AWS_DIFF_ROLE", $"{environment.Name}-diff", github, Duration.Hours(1), "lookup");

        // By it the workflow diff says what a deployment would do to the replication that runs.
        diff.Allow([Arns.StackNamed(this, StackNames.Replication(environment))], "cloudformation:GetTemplate");
        Governance.Bound(this, environment.Governance);
        Governance.Place(this, environment.Governance);
    }

    // An account has one provider for each issuer, which others may use as well.
    private string MakeProvider()
    {
        var provider = new CfnOIDCProvider(this, "Provider", new CfnOIDCProviderProps
        {
            Url = $"https://{Issuer}",
            ClientIdList = [Audience],
        });
        provider.ApplyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
        return provider.AttrArn;
    }

    private Role AddRole(
        string id, string variable, string githubEnvironment, GithubSettings github, Duration longest, params string[] bootstrapRoles)
    {
        var role = new Role(this, id, new RoleProps
        {
            Description = $"Jobs of the GitHub environment {githubEnvironment} of {github.Repository}",
            AssumedBy = new WebIdentityPrincipal(_providerArn, new Dictionary<string, object>
            {
                ["StringEquals"] = new Dictionary<string, object>
                {
                    [$"{Issuer}:aud"] = Audience,
                    [$"{Issuer}:sub"] = $"{github.Subject}:environment:{githubEnvironment}",
                },
            }),
            MaxSessionDuration = longest,
        });
        role.Allow([.. bootstrapRoles.Select(BootstrapRole)], "sts:AssumeRole");
        _ = new CfnOutput(this, $"{id}Role", new CfnOutputProps
        {
            Value = role.RoleArn,
            Description = $"The variable {variable} of the GitHub environment {githubEnvironment}",
        });
        return role;
    }

    private string BootstrapRole(string name) => FormatArn(new ArnComponents
    {
        Service = "iam",
        Region = "",
        Resource = "role",
        ResourceName = $"cdk-{Synthesizer.BootstrapQualifier}-{name}-role-{Account}-{Region}",
    });
}
