using System.CommandLine;

namespace CdcDms.Local.Commands;

/// <summary>All verbs of the program.</summary>
internal static class Verbs
{
    public static RootCommand Create() => new("The CdcDms pipeline on one machine: PostgreSQL → Parquet on S3 → PostgreSQL.")
    {
        DemoCommand.Create(),
        UpCommand.Create(),
        ServicesCommand.Create(),
        PreflightCommand.Create(),
        CaptureCommand.Create(),
        MergeCommand.Create(),
        WorkflowCommand.Create(),
        MeasureCommand.Create(),
        DescribeCommand.Create(),
        ValidateCommand.Create(),
        RepairCommand.Create(),
        StatusCommand.Create(),
        HealthCommand.Create(),
        ConsoleCommand.Create(),
        ResumeCommand.Create(),
        QuarantineCommand.Create(),
        RejectsCommand.Create(),
        ReloadCommand.Create(),
        RestartCommand.Create(),
        CommonOptions.Verbose,
    };
}
