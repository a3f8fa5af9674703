using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Permissions;

/// <summary>Gives everything below a construct what the organization asks of it.</summary>
internal static class Governance
{
    /// <summary>Tags every resource.</summary>
    public static void Tag(IConstruct scope, GovernanceSettings settings)
    {
        Tags.Of(scope).Add("Project", "CdcDms");
        foreach (var (name, value) in settings.Tags)
            Tags.Of(scope).Add(name, value);
    }

    /// <summary>Bounds every role below a construct.</summary>
    public static void Bound(IConstruct scope, GovernanceSettings settings)
    {
        if (settings.PermissionsBoundaryArn is { } boundary)
            foreach (var role in Roles(scope))
                role.PermissionsBoundary = boundary;
    }

    /// <summary>Puts every role below a construct into a path.</summary>
    public static void Place(IConstruct scope, GovernanceSettings settings)
    {
        if (settings.RolePath is { } path)
            foreach (var role in Roles(scope))
                role.Path = path;
    }

    private static IEnumerable<CfnRole> Roles(IConstruct scope) => scope.Node.FindAll().OfType<CfnRole>();
}
