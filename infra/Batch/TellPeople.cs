using Amazon.CDK;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Notices;
using Constructs;
using Timeout = Amazon.CDK.AWS.StepFunctions.Timeout;

namespace CdcDms.Infra.Batch;

/// <summary>What a state needs that tells people something.</summary>
internal sealed record TellPeopleProps
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>Where people are told, at least one; each is told by a state of its own.</summary>
    public required IReadOnlyList<ITopic> Topics { get; init; }

    /// <summary>What has happened, for the subject.</summary>
    public required string What { get; init; }

    /// <summary>The path of the message in the state's input.</summary>
    public required string MessagePath { get; init; }

    /// <summary>The section of the runbook; null where the message names the sections itself.</summary>
    public required string? Runbook { get; init; }

    /// <summary>The state to go on with; it gets this state's input.</summary>
    public required State Then { get; init; }
}

/// <summary>
/// Tells people something by topics, with the addresses at which they go on, and goes on itself whether or not anybody could be told.
/// </summary>
internal sealed class TellPeople : SnsPublish
{
    private static readonly Duration LongestMessage = Duration.Minutes(1);

    public TellPeople(Construct scope, string id, TellPeopleProps props)
        : base(scope, id, new SnsPublishProps
        {
            Topic = props.Topics[0],
            Subject = $"CdcDms {props.Environment.Name}: {props.What}",
            Message = TaskInput.FromText(Message(props)),
            ResultPath = JsonPath.DISCARD,
            TaskTimeout = Timeout.Duration(LongestMessage),
        })
    {
        var then = props.Topics.Count == 1
            ? props.Then
            : new TellPeople(scope, $"{id}Also", props with { Topics = [.. props.Topics.Skip(1)] });
        AddRetry(new RetryProps { Errors = [Errors.TASKS_FAILED], MaxAttempts = 3, JitterStrategy = JitterType.FULL });
        AddCatch(then, new CatchProps { ResultPath = JsonPath.DISCARD });
        Next(then);
    }

    private static string Message(TellPeopleProps props)
    {
        var links = new MessageLinks(props.Environment);
        var page = props.Runbook is { } section ? links.Runbook(section) : links.RunbookPage;
        return JsonPath.Format(
            $"{{}} Execution: {links.Execution("{}")} Logs: {links.Logs} Dashboard: {links.Dashboard} Runbook: {page}",
            JsonPath.StringAt(props.MessagePath),
            JsonPath.StringAt("$$.Execution.Id"));
    }
}
