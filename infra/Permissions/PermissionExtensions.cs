using Amazon.CDK.AWS.IAM;

namespace CdcDms.Infra.Permissions;

/// <summary>Says what an identity may do.</summary>
internal static class PermissionExtensions
{
    /// <summary>Lets a role, or what runs as one, do something to some resources and to no others.</summary>
    /// <param name="identity">The role, function or state machine.</param>
    /// <param name="resources">ARNs, or <c>*</c> where AWS knows no resource.</param>
    /// <param name="actions">Such as <c>s3:GetObject</c>.</param>
    public static void Allow(this IGrantable identity, string[] resources, params string[] actions) =>
        identity.GrantPrincipal.AddToPrincipalPolicy(new PolicyStatement(new PolicyStatementProps
        {
            Actions = actions,
            Resources = resources,
        }));
}
