using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.SQS;
using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Stacks;
using EventSchedule = Amazon.CDK.AWS.Events.Schedule;

namespace CdcDms.Infra.Batch;

/// <summary>
/// Starts the workflow again and again. A start that cannot be delivered waits in a queue and is an alarm; the next start does its work,
/// and two at once harm nothing.
/// </summary>
internal static class BatchSchedule
{
    public static void Create(BatchStack stack, StateMachine workflow)
    {
        var undelivered = new Queue(stack, "Undelivered", new QueueProps
        {
            QueueName = BatchNames.Undelivered(stack.Settings),
            Encryption = QueueEncryption.SQS_MANAGED,
            EnforceSSL = true,
            RetentionPeriod = Duration.Days(14),
        });
        _ = new Rule(stack, "Schedule", new RuleProps
        {
            Description = "Merge what waits in the lake",
            Schedule = EventSchedule.Expression(stack.Settings.Batch.Schedule.Expression),
            Targets =
            [
                new SfnStateMachine(workflow, new SfnStateMachineProps
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
