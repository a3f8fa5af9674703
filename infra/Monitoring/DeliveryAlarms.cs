using CdcDms.Infra.Notices;

namespace CdcDms.Infra.Monitoring;

/// <summary>Alarms about the machinery that itself raises alarms and repairs.</summary>
internal static class DeliveryAlarms
{
    /// <summary>The definitions.</summary>
    /// <param name="resumeAfterRollback">The state machine that sees to the replication after a rollback.</param>
    /// <param name="reload">The state machine that has DMS load tables again.</param>
    /// <param name="topics">Where events about the replication go.</param>
    public static IEnumerable<AlarmDefinition> Of(
        StateMachineMetrics resumeAfterRollback, StateMachineMetrics reload, AlarmTopics topics) =>
    [
        AlarmDefinition.AtTheFirst(
            "resume-after-rollback",
            Severity.Critical,
            "A deploy was rolled back and the replication does not run again.",
            resumeAfterRollback.Ended("Executions without success", UnhappyEnd.Failed, UnhappyEnd.Late)),
        AlarmDefinition.AtTheFirst(
            "reload-failed",
            Severity.Warning,
            "A table was not loaded again, or not merged and read for proofs afterwards.",
            reload.Ended("Reloads without success", UnhappyEnd.Failed, UnhappyEnd.Late)),
        AlarmDefinition.AtTheFirst(
            "undelivered-events",
            Severity.Warning,
            "An event about the replication did not reach the alarm topic.",
            topics.Undelivered.MetricApproximateNumberOfMessagesVisible()),
    ];
}
