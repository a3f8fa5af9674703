using System.Text.RegularExpressions;

namespace CdcDms.Rules.Pages;

/// <summary>A command of the AWS CLI, as its words.</summary>
internal sealed record AwsCommand(string Text, IReadOnlyList<string> Words)
{
    /// <summary>The operations that the runbook uses, with the options that it gives them (AWS CLI Command Reference).</summary>
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["cloudformation describe-stacks"] = ["--stack-name", "--query"],
        ["cloudtrail lookup-events"] = ["--lookup-attributes", "--start-time", "--max-results"],
        ["cloudwatch describe-alarms"] = ["--alarm-name-prefix", "--state-value", "--alarm-types", "--query", "--output"],
        ["cloudwatch disable-alarm-actions"] = ["--alarm-names"],
        ["cloudwatch enable-alarm-actions"] = ["--alarm-names"],
        ["cloudwatch set-alarm-state"] = ["--alarm-name", "--state-value", "--state-reason"],
        ["dms describe-orderable-replication-instances"] = ["--query", "--output"],
        ["dms describe-replication-tasks"] = ["--filters", "--without-settings"],
        ["dms describe-replications"] = ["--query", "--output"],
        ["events enable-rule"] = ["--name"],
        ["events list-rules"] = ["--name-prefix", "--query", "--output"],
        ["glue get-job-runs"] = ["--job-name", "--max-items", "--query", "--output"],
        ["kms cancel-key-deletion"] = ["--key-id"],
        ["kms describe-key"] = ["--key-id"],
        ["kms enable-key"] = ["--key-id"],
        ["logs describe-log-groups"] = ["--log-group-name-pattern", "--query", "--output"],
        ["logs tail"] = ["--since", "--filter-pattern", "--format"],
        ["rds describe-db-instances"] = ["--db-instance-identifier", "--query"],
        ["rds modify-db-instance"] = ["--db-instance-identifier", "--allocated-storage", "--apply-immediately"],
        ["s3 ls"] = ["--recursive"],
        ["sns list-subscriptions"] = ["--query", "--output"],
        ["sqs list-queues"] = ["--queue-name-prefix", "--query", "--output"],
        ["sqs purge-queue"] = ["--queue-url"],
        ["sqs receive-message"] = ["--queue-url", "--max-number-of-messages", "--message-attribute-names"],
        ["stepfunctions list-executions"] = ["--state-machine-arn", "--max-items", "--query", "--output"],
        ["stepfunctions start-execution"] = ["--state-machine-arn", "--input"],
    };

    /// <summary>Service and operation.</summary>
    public string Operation => $"{Words[1]} {Words[2]}";

    /// <summary>What the role that runs the command must be allowed (AWS Service Authorization Reference).</summary>
    public string Action => Operation switch
    {
        "s3 ls" => "s3:ListBucket",
        "logs tail" => "logs:FilterLogEvents",
        _ => $"{(Words[1] == "stepfunctions" ? "states" : Words[1])}:{Words[2].Replace("-", "")}",
    };

    /// <summary>What is wrong with the command.</summary>
    public IEnumerable<string> Faults()
    {
        if (!Known.TryGetValue(Operation, out var options))
            return [$"{Text}: nothing checks {Operation}"];
        return Words.Where(word => word.StartsWith("--", StringComparison.Ordinal) && !options.Contains(word))
            .Select(option => $"{Text}: {Operation} has no {option} that is known");
    }

    /// <summary>The commands of a page, of its blocks and between backticks.</summary>
    public static IReadOnlyList<AwsCommand> Of(MarkdownPage page) =>
    [
        .. page.Blocks.Where(block => block.IsShell).SelectMany(block => block.Code.Split('\n')).Concat(page.Code)
            .Where(line => line.StartsWith("aws ", StringComparison.Ordinal))
            .Select(line => new AwsCommand(
                line, [.. Regex.Matches(line, @"(""[^""]*""|'[^']*'|[^\s""'])+").Select(word => word.Value)])),
    ];
}
