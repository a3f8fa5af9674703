using System.Globalization;
using System.Text;
using CdcDms.Contract.Functions;

namespace CdcDms.Functions.Health;

/// <summary>How the pipeline is, as the text of a message: what is wrong first, with the runbook's section of each.</summary>
internal static class HealthMessage
{
    /// <summary>The text.</summary>
    /// <param name="report">What was found.</param>
    public static string Of(HealthReport report)
    {
        var text = new StringBuilder();
        text.AppendLine(report.Healthy
            ? "Everything was looked at, and nothing is wrong."
            : $"{Count(report, HealthSeverity.Critical)} critical, {Count(report, HealthSeverity.Warning)} to look at in the morning:");
        foreach (var finding in report.Findings)
            text.AppendLine(
                $"- [{(finding.Severity is HealthSeverity.Critical ? "critical" : "warning")}] {finding.Reason} "
                + $"Runbook: {report.RunbookPage}#{finding.Runbook}");
        if (report.LeftOut is { } left && left.Critical + left.Warnings > 0)
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"- {left.Critical + left.Warnings} more, {left.Critical} of them critical: the log of the function health has each.");
        text.AppendLine();
        if (report.Replication is { } replication)
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"Replication: {replication.Name} is {replication.Status}, with {replication.Tables} tables, {replication.Loading} of them "
                + $"loading and {replication.TablesNotReplicating} not replicating; written since its start: {replication.Changes.Inserts} "
                + $"inserts, {replication.Changes.Updates} updates, {replication.Changes.Deletes} deletes.");
        if (report.Source is { } source)
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"Source: {source.Slots.Count} replication slots, which keep {(source.Slots.Max(slot => slot.RetainedBytes) ?? 0) >> 20} "
                + $"MB of WAL at most; the newest marker was written {Text(source.NewestMarkerSeconds)} seconds before.");
        foreach (var secret in report.Secrets)
            text.AppendLine($"Secret of the {secret.Database} database: last changed on {Day(secret.ChangedUtc)}"
                + (secret.RotationDueUtc is { } due ? $", to be rotated by {Day(due)}." : ", not rotated by itself."));
        if (report.Counts is { } counts)
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"Tables: {counts.TablesParked} parked, {counts.TablesUnproven} not proven; {Text(counts.FilesWaiting)} files wait, the "
                + $"oldest for {Text((long?)counts.OldestWaitingFileSeconds)} seconds; {counts.ChangesInQuarantine} changes in the "
                + $"quarantine, "
                + $"{counts.FilesUnreadable} files cannot be read.");
        return text.ToString();
    }

    private static string Day(DateTime utc) => utc.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "an unknown number of";

    private static int Count(HealthReport report, HealthSeverity severity) =>
        report.Findings.Count(one => one.Severity == severity)
        + ((severity is HealthSeverity.Critical ? report.LeftOut?.Critical : report.LeftOut?.Warnings) ?? 0);
}
