using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.AWS.Logs;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Permissions;

/// <summary>Gives everything below a construct what the organization asks of it.</summary>
internal static class Governance
{
    /// <summary>The tag that names the project.</summary>
    public const string Project = "Project";

    /// <summary>The tag that names the environment.</summary>
    public const string Environment = "Environment";

    /// <summary>Tags every resource of an environment.</summary>
    public static void Tag(IConstruct scope, DeploymentEnvironment environment) => Tag(scope, TagsOf(environment));

    /// <summary>Tags every resource of an account's stack, which belongs to no environment.</summary>
    public static void TagAccount(IConstruct scope, GovernanceSettings settings) => Tag(scope, TagsOf(settings));

    /// <summary>The tags of every resource of an environment. The organization's own win.</summary>
    public static IReadOnlyDictionary<string, string> TagsOf(DeploymentEnvironment environment)
    {
        var tags = TagsOf(environment.Governance);
        tags.TryAdd(Environment, environment.Name);
        return tags;
    }

    /// <summary>Bounds every role below a construct.</summary>
    public static void Bound(IConstruct scope, GovernanceSettings settings)
    {
        if (settings.PermissionsBoundaryArn is { } boundary)
            foreach (var role in Roles(scope))
                role.PermissionsBoundary = boundary;
    }

    /// <summary>
    /// Encrypts every log below a construct, and the variables of every function, which is started by what its role may decrypt.
    /// </summary>
    public static void Encrypt(IConstruct scope, GovernanceSettings settings)
    {
        if (settings.LogKmsKeyArn is not { } key)
            return;
        var constructs = scope.Node.FindAll();
        foreach (var log in constructs.OfType<CfnLogGroup>())
            log.KmsKeyId = key;
        foreach (var function in constructs.OfType<CfnFunction>())
            function.KmsKeyArn = key;
        foreach (var function in constructs.OfType<Function>())
            function.Allow([key], "kms:Decrypt");
    }

    /// <summary>Puts every role below a construct into a path.</summary>
    public static void Place(IConstruct scope, GovernanceSettings settings)
    {
        if (settings.RolePath is { } path)
            foreach (var role in Roles(scope))
                role.Path = path;
    }

    private static Dictionary<string, string> TagsOf(GovernanceSettings settings)
    {
        var tags = new Dictionary<string, string>(settings.Tags);
        tags.TryAdd(Project, "CdcDms");
        return tags;
    }

    private static void Tag(IConstruct scope, IReadOnlyDictionary<string, string> tags)
    {
        foreach (var (name, value) in tags)
            Tags.Of(scope).Add(name, value);
    }

    private static IEnumerable<CfnRole> Roles(IConstruct scope) => scope.Node.FindAll().OfType<CfnRole>();
}
