using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Constructs;

namespace CdcDms.Infra.Permissions;

/// <summary>
/// An AWS service as one that may assume a role, for this account only: without a condition another account could have the service use the
/// role for that account's purposes (IAM user guide, "The confused deputy problem").
/// </summary>
internal static class ServiceTrust
{
    public const string StepFunctions = "states.amazonaws.com";
    public const string EventBridge = "events.amazonaws.com";
    public const string Glue = "glue.amazonaws.com";
    public const string FlowLogs = "vpc-flow-logs.amazonaws.com";

    /// <summary>A service that acts for anything in this account.</summary>
    /// <param name="scope">Says which account.</param>
    /// <param name="service">The service's principal.</param>
    public static IPrincipal Of(Construct scope, string service) => Principal(service, Account(scope));

    /// <summary>DMS, which says by the ARN as well for what it acts (DMS user guide, "Cross-service confused deputy prevention").</summary>
    /// <param name="scope">Says which account.</param>
    /// <param name="region">Of the resources that it acts for; null for those of every region.</param>
    /// <param name="service">Its principal; that of the region where it reads secrets.</param>
    public static IPrincipal OfDms(Construct scope, string? region, string service = "dms.amazonaws.com")
    {
        var stack = Stack.Of(scope);
        var conditions = Account(scope);
        conditions["ArnLike"] = new Dictionary<string, object>
        {
            ["aws:SourceArn"] = $"arn:{stack.Partition}:dms:{region ?? "*"}:{stack.Account}:*",
        };
        return Principal(service, conditions);
    }

    private static ServicePrincipal Principal(string service, Dictionary<string, object> conditions) =>
        new(service, new ServicePrincipalOpts { Conditions = conditions });

    private static Dictionary<string, object> Account(Construct scope) => new()
    {
        ["StringEquals"] = new Dictionary<string, object> { ["aws:SourceAccount"] = Stack.Of(scope).Account },
    };
}
