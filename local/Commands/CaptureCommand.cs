using System.CommandLine;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Local.Capture;
using CdcDms.Local.Views;

namespace CdcDms.Local.Commands;

/// <summary><c>capture</c>: the stand-in for DMS.</summary>
internal static class CaptureCommand
{
    private static readonly Option<int?> UntilIdle = new("--until-idle")
    {
        Description = "End when no change came for so many seconds and everything written until then was read. Default: run until Ctrl-C.",
        HelpName = "SECONDS",
    };

    private static readonly Option<int?> Generation = new("--generation")
    {
        Description = "Begin this generation with a snapshot of all tables, unless the lake has it already: after a slot was lost, or a "
            + "source restored. Default: the lake's generation goes on.",
        HelpName = "N",
    };

    private static readonly Option<string[]> GiveUp = new("--give-up")
    {
        Description = "End the capture of these tables; what the lake has of them stays.",
        HelpName = "SCHEMA.TABLE",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Command Create()
    {
        Generation.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var number)
                && number is < 1 or > LakeLayout.MostGenerations)
                result.AddError($"--generation must be between 1 and {LakeLayout.MostGenerations}.");
        });
        UntilIdle.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var seconds) && seconds < 0)
                result.AddError("--until-idle must be at least 0.");
        });
        var command = new Command("capture", "Write a PostgreSQL source's rows and changes into the lake, as DMS does.")
        {
            CommonOptions.Source, CommonOptions.Lake, CommonOptions.S3Endpoint, CommonOptions.Tables, UntilIdle,
            Generation, GiveUp,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var s3 = parsed.S3();
            var list = await parsed.TablesAsync(cancellationToken);
            foreach (var fault in list.Faults)
                await Console.Error.WriteLineAsync($"Warning: {fault.Message}");
            var view = new CaptureView();
            var totals = await view.WatchAsync(list.Tables.Select(table => table.Source.ToString()), () => CaptureJob.RunAsync(
                new CaptureOptions
                {
                    SourceConnection = parsed.SourceText(),
                    Lake = parsed.LakeUri(),
                    S3 = s3,
                    Tables = list.Tables,
                    Generation = parsed.GetValue(Generation),
                    GiveUp = [.. (parsed.GetValue(GiveUp) ?? []).Select(TableName.Parse)],
                    UntilIdle = parsed.GetValue(UntilIdle) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                    Progress = view,
                },
                cancellationToken));
            Console.WriteLine(
                $"{Screen.Count(totals.SnapshotRows, "row")} of the snapshot, {Screen.Count(totals.ChangesCaptured, "change")}, "
                + $"{Screen.Count(totals.FilesWritten, "file")}.");
            var refused = list.Faults.Count + totals.TablesRefused;
            if (refused == 0)
                return 0;
            await Console.Error.WriteLineAsync(
                $"Defined tables that were not captured: {refused}. The warnings above say which ones and why.");
            return CommandRun.Failed;
        });
        return command;
    }
}
