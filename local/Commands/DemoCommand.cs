using System.CommandLine;
using System.Text.Json;
using CdcDms.Local.Demo;
using CdcDms.Local.Services;
using CdcDms.Local.Views;
using Spectre.Console;

namespace CdcDms.Local.Commands;

/// <summary><c>demo</c>: the whole pipeline in front of you.</summary>
internal static class DemoCommand
{
    private static readonly Option<int> Rows = Positive("--rows", 20_000, "About how many rows the shop has at the start.");
    private static readonly Option<int> Seconds = Positive(
        "--seconds",
        15,
        "How long the writers write. Starting before that, and merging and comparing the rest after it, take time of their own.");
    private static readonly Option<int> Writers = Positive("--writers", 4, "How many writers write at the same time.");
    private static readonly Option<bool> Keep = new("--keep") { Description = "Leave the services running and print where they are." };

    public static Command Create()
    {
        var command = new Command(
            "demo", "Fill a shop, capture and merge it while writers change it, and prove that source and analytics are identical.")
        {
            Rows, Seconds, Writers, CommonOptions.Json, Keep,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var json = parsed.GetValue(CommonOptions.Json);
        var options = new DemoOptions
        {
            Rows = parsed.GetValue(Rows),
            Seconds = parsed.GetValue(Seconds),
            Writers = parsed.GetValue(Writers),
        };
        await using var services = await EmbeddedServices.StartAsync(cancellationToken);
        var progress = new DemoProgress();
        var report = await DemoView.WatchAsync(new DemoRun(services, options, progress).RunAsync(cancellationToken), progress);
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(report, LocalJson.Default.DemoReport));
        else
            Write(report);
        if (parsed.GetValue(Keep))
            await ServicesView.KeepAsync(services, json ? Console.Error : Console.Out, cancellationToken);
        return report.Identical ? 0 : CommandRun.Failed;
    }

    private static void Write(DemoReport report)
    {
        var table = Screen.Table("table", "rows in source", "rows in analytics", "rows");
        foreach (var (name, sourceRows, targetRows, identical) in report.Tables)
            table.AddRow(
                [Screen.Cell(name), .. Screen.Numbers(sourceRows, targetRows), identical ? "[green]equal[/]" : "[red]differs[/]"]);
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine(
            $"{Screen.Number(report.ChangesCaptured)} changes captured into {Screen.Number(report.FilesWritten)} files; "
            + $"{Screen.Number(report.RowsRead)} rows read: "
            + $"{Screen.Number(report.Inserted)} inserted, {Screen.Number(report.Updated)} updated, "
            + $"{Screen.Number(report.Deleted)} deleted, {Screen.Number(report.Superseded)} superseded, "
            + $"{Screen.Number(report.Stale)} stale, in {report.Seconds} s with all preparations.");
        if (report.ProofsJudged > 0)
            AnsiConsole.MarkupLine(
                $"{Screen.Number(report.ProofsJudged)} proofs were judged while writers wrote; {report.KeysDifferent} keys differed.");
        AnsiConsole.MarkupLine(report.Identical ? "[green]Source and analytics are identical.[/]" : "[red]Source and analytics differ.[/]");
    }

    internal static Option<int> Positive(string name, int usual, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var number) && number < 1)
                result.AddError($"{name} must be at least 1.");
        });
        return option;
    }
}
