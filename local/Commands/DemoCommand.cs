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
    internal static readonly Option<Route> Route = new("--route")
    {
        Description = "How changes come into the lake: direct (as files), or kinesis (through a stream that a function reads).",
        DefaultValueFactory = _ => Demo.Route.Direct,
        CustomParser = result =>
        {
            if (Enum.TryParse<Route>(result.Tokens[0].Value, ignoreCase: true, out var route) && Enum.IsDefined(route))
                return route;
            result.AddError("--route is direct or kinesis.");
            return default;
        },
    };
    private static readonly Option<bool> Keep = new("--keep")
    {
        Description = "Leave the services running and print where they are; a page shows the demo from its beginning.",
    };

    public static Command Create()
    {
        var command = new Command(
            "demo", "Fill a shop, capture and merge it while writers change it, and prove that source and analytics are identical.")
        {
            Rows, Seconds, Writers, Route, CommonOptions.Json, Keep,
        };
        command.SetAction((parsed, cancellationToken) => RunningServices.UseAsync(
            (services, end) => RunAsync(parsed, services, end), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, EmbeddedServices services, CancellationToken cancellationToken)
    {
        var json = parsed.GetValue(CommonOptions.Json);
        var options = new DemoOptions
        {
            Rows = parsed.GetValue(Rows),
            Seconds = parsed.GetValue(Seconds),
            Writers = parsed.GetValue(Writers),
            Route = parsed.GetValue(Route),
        };
        var progress = new DemoProgress();
        var keeps = parsed.GetValue(Keep);
        await using var console = keeps
            ? await ShopConsole.StartAsync(services, options.Route, progress, mayOperate: false, json ? Console.Error : Console.Out)
            : null;
        var report = await DemoView.WatchAsync(new DemoRun(services, options, progress).RunAsync(cancellationToken), progress, json);
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(report, LocalJson.Default.DemoReport));
        else
            Write(report);
        if (keeps)
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
        foreach (var line in Lines(report))
            Screen.Line(line);
        AnsiConsole.MarkupLine(report.Identical ? "[green]Source and analytics are identical.[/]" : "[red]Source and analytics differ.[/]");
    }

    /// <summary>What the demo did, in figures that add up, and what was proven.</summary>
    internal static IEnumerable<string> Lines(DemoReport report)
    {
        yield return $"Captured: {Screen.Count(report.SnapshotRows, "row")} of the snapshot and "
            + $"{Screen.Count(report.ChangesCaptured, "change")}, in {Screen.Count(report.FilesWritten, "file")}. "
            + $"{Screen.Number(report.Markers)} of these are markers, which the pipeline writes itself; the others are the shop's.";
        if (report.Stream is { } stream)
            yield return $"Streamed: {Screen.Count(stream.Messages, "message")} through {Screen.Count(stream.Shards, "shard")}, of which "
                + $"one was split meanwhile, in {Screen.Count(stream.Batches, "batch", "batches")}.";
        yield return $"Merged: {Screen.Count(report.RowsRead, "row")} of the shop: {Screen.Number(report.Inserted)} inserted, "
            + $"{Screen.Number(report.Updated)} updated, {Screen.Number(report.Deleted)} deleted, {Screen.Number(report.Superseded)} "
            + $"superseded, {Screen.Number(report.Stale)} stale. Deleted counts also rows that came and went between two batches, "
            + "which analytics never had.";
        yield return report.ProofsJudged == 0
            ? "Proven while writers wrote: nothing, because the markers that end a proof did not come through the lake in time. "
                + "What is compared is the end."
            : $"Proven while writers wrote: {Screen.Count(report.ProofsJudged, "proof")} of rows that were just merged; "
                + $"{Screen.Count(report.KeysDifferent, "key")} differed"
                + (report.KeysNotJudged == 0 ? "."
                    : $", {Screen.Count(report.KeysNotJudged, "key")} not judged (they changed meanwhile; the next proof looks again).");
        yield return $"It took {report.Seconds} s with all preparations.";
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
