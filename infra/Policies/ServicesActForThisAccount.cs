using System.Text.Json.Nodes;
using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Policies;

/// <summary>
/// What lets an AWS service in names the account for which the service acts: else another account has the service use it (the confused
/// deputy). Those that are let in without stand here with the reason.
/// </summary>
internal sealed class ServicesActForThisAccount : IPolicy
{
    private static readonly HashSet<(string Type, string Service)> WithoutCondition =
    [
        // AWS documents no condition for a function's role; who makes a function must be allowed to pass it the role.
        ("AWS::IAM::Role", "lambda.amazonaws.com"),

        // EventBridge long took no condition in a topic's policy, and a message that is not delivered tells nobody of itself. Without the
        // topic's policy the key is of no use to anybody.
        ("AWS::SNS::TopicPolicy", "events.amazonaws.com"),
        ("AWS::KMS::Key", "events.amazonaws.com"),
        ("AWS::KMS::Key", "cloudwatch.amazonaws.com"),
    ];

    public IEnumerable<string> Violations(TemplateResource resource, TemplateResources template) =>
        from policy in new[] { "AssumeRolePolicyDocument", "PolicyDocument", "KeyPolicy" }
        from statement in OneOrMany.Of(resource.Json["Properties"]?[policy]?["Statement"])
        where statement["Effect"]!.GetValue<string>() == "Allow"
        from service in Services(statement["Principal"])
        where !WithoutCondition.Contains((resource.Type, service)) && !NamesAccount(statement)
        select $"lets {service} act for any account: add a condition on aws:SourceAccount or aws:SourceArn";

    private static IEnumerable<string> Services(JsonNode? principal) =>
        OneOrMany.Of((principal as JsonObject)?["Service"]).Select(Name);

    // The regional principal is put together of parts.
    private static string Name(JsonNode service) => service is JsonValue value ? value.GetValue<string>() : service.ToJsonString();

    private static bool NamesAccount(JsonNode statement)
    {
        var condition = statement["Condition"]?.ToJsonString() ?? "";
        return condition.Contains("aws:SourceAccount", StringComparison.Ordinal)
            || condition.Contains("aws:SourceArn", StringComparison.Ordinal);
    }
}
