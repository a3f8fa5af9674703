using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Notices;

/// <summary>Lets the role of a state machine publish to topics that are encrypted.</summary>
internal static class TellingRole
{
    private static readonly string[] Actions = ["kms:Decrypt", "kms:GenerateDataKey"];

    /// <summary>
    /// Allows the environment's own key, and whatever key a topic that the environment file names is encrypted with: SNS uses it in the
    /// publisher's name, and tells the topic (Amazon SNS developer guide, key management, encryption context).
    /// </summary>
    public static void MayTell<TMachine>(this TMachine machine, NoticeTopics topics)
        where TMachine : Construct, IGrantable
    {
        machine.Allow([topics.Key.KeyArn], Actions);
        string[] named = [.. topics.Critical.Skip(1).Concat(topics.Warning.Skip(1)).Select(topic => topic.TopicArn).Distinct()];
        if (named.Length == 0)
            return;
        var stack = Stack.Of(machine);
        machine.GrantPrincipal.AddToPrincipalPolicy(new PolicyStatement(new PolicyStatementProps
        {
            Actions = Actions,
            Resources = [$"arn:{stack.Partition}:kms:{stack.Region}:*:key/*"],
            Conditions = new Dictionary<string, object>
            {
                ["StringEquals"] = new Dictionary<string, object>
                {
                    ["kms:ViaService"] = $"sns.{stack.Region}.amazonaws.com",
                    ["kms:EncryptionContext:aws:sns:topicArn"] = named,
                },
            },
        }));
    }
}
