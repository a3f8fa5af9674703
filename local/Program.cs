using System.CommandLine;
using CdcDms.Local.Commands;
using CdcDms.Local.Views;

Screen.Open();
var root = new RootCommand("The CdcDms pipeline on one machine: PostgreSQL → Parquet on S3 → PostgreSQL.")
{
    DemoCommand.Create(),
    UpCommand.Create(),
    ServicesCommand.Create(),
    CaptureCommand.Create(),
    MergeCommand.Create(),
    WorkflowCommand.Create(),
    MeasureCommand.Create(),
    DescribeCommand.Create(),
    ValidateCommand.Create(),
    StatusCommand.Create(),
    ResumeCommand.Create(),
    QuarantineCommand.Create(),
    CommonOptions.Verbose,
};
return await CommandRun.InvokeAsync(root, args);
