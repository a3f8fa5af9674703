using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Environments.Reading;

internal static class BatchSettingsReader
{
    public static BatchSettings Read(Section batch, IReadOnlyList<TableDefinition> tables)
    {
        var settings = new BatchSettings
        {
            Schedule = ScheduleReader.Read(batch, Defaults.Schedule),
            ParallelTables = batch.Whole("parallelTables", Defaults.ParallelTables, 1, 40),
            MemoryMegabytes = batch.Whole("memoryMegabytes", Defaults.MemoryMegabytes, 512, 10_240),
            EphemeralStorageMegabytes = batch.Whole("ephemeralStorageMegabytes", Defaults.EphemeralStorageMegabytes, 512, 10_240),
            BatchMegabytes = batch.Whole("batchMegabytes", Defaults.BatchMegabytes, 1, 10_240),
            TimeoutMinutes = batch.Whole("timeoutMinutes", Defaults.TimeoutMinutes, 1, 15),
            Retries = batch.Whole("retries", Defaults.Retries, 0, 10),
            Architecture = batch.Choice("architecture", Defaults.Architecture),
            ReservedConcurrency = batch.OptionalWhole("reservedConcurrency", 1, 1_000),
            Glue = batch.Has("glue") ? GlueSettingsReader.Read(batch.Child("glue"), tables) : null,
        };
        batch.End();
        return settings;
    }
}
