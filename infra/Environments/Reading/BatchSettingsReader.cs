namespace CdcDms.Infra.Environments.Reading;

internal static class BatchSettingsReader
{
    public static BatchSettings Read(Section batch)
    {
        var settings = new BatchSettings
        {
            Schedule = ReadSchedule(batch),
            ParallelTables = batch.Whole("parallelTables", Defaults.ParallelTables, 1, 40),
            MemoryMegabytes = batch.Whole("memoryMegabytes", Defaults.MemoryMegabytes, 512, 10_240),
            EphemeralStorageMegabytes = batch.Whole("ephemeralStorageMegabytes", Defaults.EphemeralStorageMegabytes, 512, 10_240),
            BatchMegabytes = batch.Whole("batchMegabytes", Defaults.BatchMegabytes, 1, 10_240),
            TimeoutMinutes = batch.Whole("timeoutMinutes", Defaults.TimeoutMinutes, 1, 15),
            Retries = batch.Whole("retries", Defaults.Retries, 0, 10),
            Architecture = batch.Choice("architecture", Defaults.Architecture),
            ReservedConcurrency = batch.OptionalWhole("reservedConcurrency", 1, 1_000),
        };
        batch.End();
        return settings;
    }

    private static Schedule ReadSchedule(Section batch)
    {
        var expression = batch.Text("schedule", Defaults.Schedule);
        try
        {
            return Schedule.Parse(expression);
        }
        catch (FormatException fault)
        {
            batch.Findings.Add(batch.At("schedule"), $"'{expression}' is not a schedule: {fault.Message}");
            return Schedule.Parse(Defaults.Schedule);
        }
    }
}
