using System.CommandLine;
using System.Text.Json;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Ledger;

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
            CommonOptions.Target, LakeStatus.Lake, CommonOptions.S3Endpoint, LakeStatus.Tables, LakeStatus.Source, CommonOptions.Json,
        };
        command.Validators.Add(LakeStatus.Check);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(LakeStatus.Lake) is { } lake)
                return await LakeStatus.RunAsync(parsed, lake, cancellationToken);
            var tables = await new StatusJob(parsed.TargetText()).ReadAsync(cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
                Console.WriteLine(JsonSerializer.Serialize(new StatusReport(tables), LocalJson.Default.StatusReport));
            else
                StatusView.Write(parsed.TargetName(), tables);
            return 0;
        });
        return command;
    }
}
