namespace CdcDms.Infra.Environments.Reading;

internal static class AlarmSettingsReader
{
    private const int Days = 86_400;

    // An alarm and a rule have at most five actions, and one is for the environment's own topic (AWS: CloudWatch and EventBridge quotas).
    private const int MostTopics = 4;

    public static AlarmSettings Read(Section alarms, ReplicationSettings replication, BatchSettings batch)
    {
        var settings = new AlarmSettings
        {
            Critical = Destinations(alarms, "critical"),
            Warning = Destinations(alarms, "warning"),
            RunbookUrl = alarms.OptionalText("runbookUrl", Pattern.Page),
            SourceLatencySeconds = alarms.Whole("sourceLatencySeconds", Defaults.SourceLatencySeconds, 60, 7 * Days),
            TargetLatencySeconds = alarms.Whole("targetLatencySeconds", Defaults.TargetLatencySeconds, 1, 7 * Days),
            AnalyticsAgeMinutes = alarms.Whole("analyticsAgeMinutes", Defaults.AnalyticsAgeMinutes, 1, 100_000),
            FreshnessMinutes = alarms.Whole("freshnessMinutes", Defaults.FreshnessMinutes, 1, 100_000),
            FreeStorageGigabytes = alarms.Whole("freeStorageGigabytes", Defaults.FreeStorageGigabytes, 1, 6_144),
            DatabaseFreeStorageGigabytes = alarms.Whole(
                "databaseFreeStorageGigabytes", Defaults.DatabaseFreeStorageGigabytes, 1, 65_536),
            FreeMemoryMegabytes = alarms.Whole("freeMemoryMegabytes", Defaults.FreeMemoryMegabytes, 1, 1_000_000),
            SwapMegabytes = alarms.Whole("swapMegabytes", Defaults.SwapMegabytes, 1, 1_000_000),
            CpuPercent = alarms.Whole("cpuPercent", Defaults.CpuPercent, 1, 100),
            ChangesOnDisk = alarms.Whole("changesOnDisk", Defaults.ChangesOnDisk, 1, int.MaxValue),
            SlotLagGigabytes = alarms.Whole("slotLagGigabytes", Defaults.SlotLagGigabytes, 1, 100_000),
        };
        RequireAboveIntervals(alarms, settings, replication, batch);
        alarms.End();
        return settings;
    }

    private static AlarmDestinations Destinations(Section alarms, string severity)
    {
        var kinds = alarms.Texts(severity, Pattern.Destination, fewest: 0).ToLookup(
            told => told.StartsWith("arn:", StringComparison.Ordinal) ? "topic"
                : told.StartsWith("https:", StringComparison.Ordinal) ? "endpoint" : "email");
        alarms.Findings.Require(
            kinds["topic"].Count() <= MostTopics,
            alarms.At(severity),
            $"names more than {MostTopics} topics, and an alarm tells no more besides the environment's own: subscribe people to one of "
            + "them");
        return new AlarmDestinations
        {
            Emails = [.. kinds["email"]],
            Endpoints = [.. kinds["endpoint"]],
            TopicArns = [.. kinds["topic"]],
        };
    }

    // Changes wait that long even when all is well; an alarm below it would never be quiet.
    private static void RequireAboveIntervals(Section alarms, AlarmSettings settings, ReplicationSettings replication, BatchSettings batch)
    {
        alarms.Findings.Require(
            settings.TargetLatencySeconds > replication.CdcIntervalSeconds,
            alarms.At("targetLatencySeconds"),
            $"must be above $.replication.cdcIntervalSeconds ({replication.CdcIntervalSeconds})",
            "$.replication.cdcIntervalSeconds");
        alarms.Findings.Require(
            settings.AnalyticsAgeMinutes > batch.Schedule.LongestGap.TotalMinutes,
            alarms.At("analyticsAgeMinutes"),
            $"must be above the time between two batches of $.batch.schedule ({batch.Schedule.LongestGap.TotalMinutes:0} minutes)",
            "$.batch.schedule");
        alarms.Findings.Require(
            settings.FreshnessMinutes > replication.FreshnessWhenAllIsWell.TotalMinutes,
            alarms.At("freshnessMinutes"),
            $"must be above three $.replication.markerMinutes and {(replication.Route is StreamRoute ? "ten" : "five")} "
            + $"$.replication.cdcIntervalSeconds ({replication.FreshnessWhenAllIsWell.TotalMinutes:0} minutes)",
            "$.replication.markerMinutes", "$.replication.cdcIntervalSeconds");
        if (replication.Compute is InstanceCompute instance)
            alarms.Findings.Require(
                settings.FreeStorageGigabytes < instance.StorageGigabytes,
                alarms.At("freeStorageGigabytes"),
                $"must be below the instance's storage ({instance.StorageGigabytes} GB)",
                "$.replication.instance.storageGigabytes");
    }
}
