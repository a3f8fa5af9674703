using Amazon.CDK;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Notices;
using CdcDms.Infra.StateMachines;
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

    /// <summary>The state to go on with; it gets the first state's input, an object, and how the stacks are.</summary>
    public required State Then { get; init; }
}

/// <summary>
/// The states that tell people something by topics, with whether a deployment is under way and the addresses at which they go on. They go
/// on whether or not anybody could be told, and count what a topic did not take.
/// </summary>
internal sealed class TellPeople
{
    private static readonly Duration LongestMessage = Duration.Minutes(1);

    private readonly Construct _scope;
    private readonly TellPeopleProps _props;

    /// <summary>Makes the states.</summary>
    /// <param name="scope">The workflow.</param>
    /// <param name="id">Name of the state that tells the first topic.</param>
    /// <param name="props">What they need.</param>
    public TellPeople(Construct scope, string id, TellPeopleProps props)
    {
        (_scope, _props) = (scope, props);
        First = new StackStates(scope, $"Before{id}", props.Environment, Tell(id, props.Topics)).First;
    }

    /// <summary>The first of the states.</summary>
    public Pass First { get; }

    private State Tell(string id, IEnumerable<ITopic> topics)
    {
        if (!topics.Any())
            return _props.Then;
        var then = Tell($"{id}Also", topics.Skip(1));
        var tell = new SnsPublish(_scope, id, new SnsPublishProps
        {
            Topic = topics.First(),
            Subject = $"CdcDms {_props.Environment.Name}: {_props.What}",
            Message = TaskInput.FromText(Message()),
            ResultPath = JsonPath.DISCARD,
            TaskTimeout = Timeout.Duration(LongestMessage),
        });
        tell.AddRetry(new RetryProps { Errors = [Errors.TASKS_FAILED], MaxAttempts = 3, JitterStrategy = JitterType.FULL });
        tell.AddCatch(Untold($"{id}Untold", then), new CatchProps { ResultPath = JsonPath.DISCARD });
        tell.Next(then);
        return tell;
    }

    // An alarm tells, which goes its own way to people.
    private PutMetric Untold(string id, State then)
    {
        var count = new PutMetric(_scope, id, MetricNames.MessagesUntold, _props.Environment.Name);
        count.AddCatch(then, new CatchProps { ResultPath = JsonPath.DISCARD });
        count.Next(then);
        return count;
    }

    private string Message()
    {
        var links = new MessageLinks(_props.Environment);
        var page = _props.Runbook is { } section ? links.Runbook(section) : links.RunbookPage;
        return JsonPath.Format(
            $"{{}} Stacks: replication {{}}, batch {{}}. Execution: {links.Execution("{}")} Logs: {links.Logs} "
            + $"Dashboard: {links.Dashboard} Runbook: {page}",
            [JsonPath.StringAt(_props.MessagePath), .. StackStates.Paths, JsonPath.StringAt("$$.Execution.Id")]);
    }
}
