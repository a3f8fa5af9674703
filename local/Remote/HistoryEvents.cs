using System.Text.Json.Nodes;
using CdcDms.Contract.Tables;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Remote;

/// <summary>The way of an execution on AWS, of what Step Functions tells of it.</summary>
internal static class HistoryEvents
{
    private static readonly string[] Faults = ["Failed", "TimedOut"];

    /// <summary>How an execution stands, and its way.</summary>
    /// <param name="id">Its name among all executions.</param>
    /// <param name="machine">The state machine.</param>
    /// <param name="execution">The execution.</param>
    /// <param name="events">Its events in their order; the oldest may be missing.</param>
    public static ExecutionCourse Course(string id, string machine, DescribedExecution execution, IReadOnlyList<JsonObject> events)
    {
        var clock = new EventTime { Now = Time(execution.StartDate) };
        var (record, table, states) = (new ExecutionRecord(id, machine, clock), Table(execution.Input), new Dictionary<long, StateVisit>());
        foreach (var one in events)
        {
            clock.Now = Time(one["timestamp"]!.GetValue<double>());
            foreach (var happened in Of(one, machine, table, states))
                record.Hear(happened);
        }

        clock.Now = Time(execution.StopDate ?? execution.StartDate);
        if (execution.Status is not ("RUNNING" or "PENDING_REDRIVE"))
            record.End(Outcome(execution.Status), Cause(execution));
        var course = record.Course();
        // Nobody has counted what was merged.
        return course with { Execution = course.Execution with { Batches = null, Files = null, Rows = null } };
    }

    /// <summary>How an execution stands, in this program's words.</summary>
    public static ExecutionOutcome Outcome(string status) => status switch
    {
        "RUNNING" or "PENDING_REDRIVE" => ExecutionOutcome.Running,
        "SUCCEEDED" => ExecutionOutcome.Succeeded,
        "FAILED" => ExecutionOutcome.Failed,
        _ => ExecutionOutcome.Stopped,
    };

    /// <summary>Why an execution failed or was ended, in a sentence; null where it was not.</summary>
    public static string? Cause(DescribedExecution execution) => execution.Status switch
    {
        "RUNNING" or "PENDING_REDRIVE" or "SUCCEEDED" => null,
        "TIMED_OUT" => FailureSentence.Of("It took longer than it may.", execution.Cause),
        "ABORTED" => FailureSentence.Of("Somebody ended it.", execution.Cause),
        _ => FailureSentence.Of(execution.Error ?? "It does not say why.", execution.Cause),
    };

    /// <summary>A time of the service's protocol.</summary>
    public static DateTime Time(double seconds) => DateTime.UnixEpoch.AddSeconds(seconds);

    // An event names its state only as it enters or leaves it; between these each points to one before it. A task that is scheduled once
    // more after it failed is a retry, which no event of Step Functions says.
    private static IEnumerable<WorkflowEvent> Of(JsonObject one, string machine, string? table, Dictionary<long, StateVisit> states)
    {
        var (id, type) = (one["id"]!.GetValue<long>(), one["type"]!.GetValue<string>());
        var details = one.FirstOrDefault(part => part.Key.EndsWith("EventDetails", StringComparison.Ordinal)).Value;
        if (type.EndsWith("StateEntered", StringComparison.Ordinal))
        {
            states[id] = new StateVisit { State = details!["name"]!.GetValue<string>() };
            yield return new StateEntered(machine, table, states[id].State);
            yield break;
        }

        if (!states.TryGetValue(one["previousEventId"]?.GetValue<long>() ?? 0, out var visit))
            yield break;
        states[id] = visit;
        if (type.EndsWith("StateExited", StringComparison.Ordinal) || type.EndsWith("StateAborted", StringComparison.Ordinal))
            yield return new StateLeft(machine, table, MachineGraph.Text(details, "name") ?? visit.State);
        else if (visit.HasFailed && type.EndsWith("Scheduled", StringComparison.Ordinal))
        {
            visit.HasFailed = false;
            yield return new TaskRetried(machine, table, visit.State, ++visit.Retries);
        }
        else if (!type.StartsWith("Execution", StringComparison.Ordinal) && !type.StartsWith("MapIteration", StringComparison.Ordinal)
            && Faults.Any(end => type.EndsWith(end, StringComparison.Ordinal)))
        {
            visit.HasFailed = true;
            yield return new TaskErred(
                machine, table, visit.State, MachineGraph.Text(details, "error") ?? type, MachineGraph.Text(details, "cause") ?? "");
        }
    }

    // Of a table's own execution.
    private static string? Table(string? input)
    {
        var table = input is null ? null : (JsonNode.Parse(input) as JsonObject)?["table"];
        return table is JsonObject && MachineGraph.Text(table, "schema") is { } schema && MachineGraph.Text(table, "name") is { } name
            ? new TableName(schema, name).ToString()
            : null;
    }

    /// <summary>A state that was entered once.</summary>
    private sealed class StateVisit
    {
        public required string State { get; init; }

        public bool HasFailed { get; set; }

        public int Retries { get; set; }
    }

    /// <summary>The time of the event that is read.</summary>
    private sealed class EventTime : TimeProvider
    {
        public DateTime Now { get; set; }

        public override DateTimeOffset GetUtcNow() => new(Now);
    }
}
