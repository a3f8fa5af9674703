using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.SQS;
using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;
using StartSchedule = CdcDms.Infra.Environments.Schedule;

namespace CdcDms.Infra.Batch;

/// <summary>
/// Starts workflows again and again. A start that cannot be delivered waits in a queue and is an alarm; the next start does its work,
/// and two at once harm nothing.
/// </summary>
internal sealed class BatchSchedule : Construct
{
    private readonly Queue _undelivered;

    public BatchSchedule(Construct scope, string id, DeploymentEnvironment environment)
        : base(scope, id) =>
        _undelivered = new Queue(this, "Undelivered", new QueueProps
        {
            QueueName = BatchNames.Undelivered(environment),
            Encryption = QueueEncryption.SQS_MANAGED,
            EnforceSSL = true,
            RetentionPeriod = Duration.Days(14),
        });

    /// <summary>Starts a workflow.</summary>
    /// <param name="id">The rule's id.</param>
    /// <param name="description">What the workflow does.</param>
    /// <param name="when">When it is started.</param>
    /// <param name="workflow">What is started.</param>
    /// <param name="input">Its input. Default: nothing.</param>
    public void Start(
        string id, string description, StartSchedule when, IStateMachine workflow, IDictionary<string, object>? input = null) =>
        _ = new Rule(this, id, new RuleProps
        {
            Description = description,
            Schedule = Amazon.CDK.AWS.Events.Schedule.Expression(when.Expression),
            Targets =
            [
                new SfnStateMachine(workflow, new SfnStateMachineProps
                {
                    Input = RuleTargetInput.FromObject(input ?? new Dictionary<string, object>()),
                    Role = new Role(this, $"{id}Starter", new RoleProps { AssumedBy = ServiceTrust.Of(this, ServiceTrust.EventBridge) }),
                    DeadLetterQueue = _undelivered,
                    RetryAttempts = 10,
                    MaxEventAge = Duration.Hours(1),
                }),
            ],
        });
}
