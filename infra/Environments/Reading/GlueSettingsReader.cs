using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Environments.Reading;

internal static class GlueSettingsReader
{
    public static GlueSettings Read(Section glue, IReadOnlyList<TableDefinition> tables)
    {
        var settings = new GlueSettings
        {
            FromMegabytes = glue.Whole("fromMegabytes", Defaults.GlueFromMegabytes, 0, 1_000_000),
            Workers = glue.Whole("workers", Defaults.GlueWorkers, 2, 100),
            TimeoutMinutes = glue.Whole("timeoutMinutes", Defaults.GlueTimeoutMinutes, 5, 600),
            LeaveOut = glue.Sources("leaveOut", tables),
        };
        foreach (var table in tables.Where(table => !settings.LeaveOut.Contains(table.Source.ToString())))
            if (SparkFit.Fault(table) is { } fault)
                glue.Findings.Add(
                    glue.Path,
                    $"Spark cannot reduce the changes of {table.Source}: {fault}; name the table in leaveOut, and functions "
                    + "merge it alone");
        glue.End();
        return settings;
    }
}
