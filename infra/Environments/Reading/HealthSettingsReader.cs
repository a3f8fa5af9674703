namespace CdcDms.Infra.Environments.Reading;

internal static class HealthSettingsReader
{
    // An alarm by table looks back no further (AWS: CloudWatch alarms, limits of those on Metrics Insights queries).
    private const int MostHours = 3;

    public static HealthSettings Read(Section health)
    {
        var settings = new HealthSettings
        {
            Schedule = ScheduleReader.Read(health, Defaults.HealthSchedule),
            MessageSchedule = ScheduleReader.Read(health, Defaults.HealthMessageSchedule, "messageSchedule"),
        };
        health.Findings.Require(
            settings.Schedule.LongestGap.TotalHours <= MostHours,
            health.At("schedule"),
            $"must have at most {MostHours} hours between two health checks");
        health.End();
        return settings;
    }
}
