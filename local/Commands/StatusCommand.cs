using System.CommandLine;
using System.Text.Json;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Operations;

namespace CdcDms.Local.Commands;

/// <summary><c>status</c>: where every table stands.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var command = new Command(
            "status",
            "Show where every table stands: its state, its last batch, and what was put aside. With --lake, show source, lake and "
            + "analytics side by side: rows, newest change, newest marker, and what waits.")
        {
            LakeStatus.Lake, CommonOptions.Json,
        };
        command.Reaches([Reach.Target], CommonOptions.S3Endpoint, LakeStatus.Tables, LakeStatus.Source);
        command.Validators.Add(LakeStatus.Check);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (LakeStatus.IsWanted(parsed))
                return await LakeStatus.RunAsync(parsed, cancellationToken);
            var operations = parsed.Operations();
            var report = await operations.AskAsync(new StatusRequest(), cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
                Console.WriteLine(JsonSerializer.Serialize(report, LocalJson.Default.StatusReport));
            else
                StatusView.Write(operations.Analytics, operations.Given, report.Tables);
            return 0;
        });
        return command;
    }
}
