using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.SQS;
using Amazon.CDK.AWS.StepFunctions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the schedule needs.</summary>
internal sealed record BatchScheduleProps
{
    /// <summary>When: <c>rate(…)</c> or <c>cron(…)</c>.</summary>
    public required string Expression { get; init; }

    /// <summary>What is started.</summary>
    public required IStateMachine Workflow { get; init; }

    /// <summary>Name of the queue of starts that could not be delivered.</summary>
    public required string UndeliveredQueue { get; init; }
}

/// <summary>
/// Starts the workflow again and again. A start that cannot be delivered waits in a queue and is an alarm; the next start does its work,
/// and two at once harm nothing.
/// </summary>
internal sealed class BatchSchedule : Construct
{
    public BatchSchedule(Construct scope, string id, BatchScheduleProps props)
        : base(scope, id)
    {
        var undelivered = new Queue(this, "Undelivered", new QueueProps
        {
            QueueName = props.UndeliveredQueue,
            Encryption = QueueEncryption.SQS_MANAGED,
            EnforceSSL = true,
            RetentionPeriod = Duration.Days(14),
        });
        _ = new Rule(this, "Rule", new RuleProps
        {
            Description = "Merge what waits in the lake",
            Schedule = Schedule.Expression(props.Expression),
            Targets =
            [
                new SfnStateMachine(props.Workflow, new SfnStateMachineProps
                {
                    Input = RuleTargetInput.FromObject(new Dictionary<string, object>()),
                    DeadLetterQueue = undelivered,
                    RetryAttempts = 10,
                    MaxEventAge = Duration.Hours(1),
                }),
            ],
        });
    }
}
