using System.CommandLine;
using System.Globalization;
using CdcDms.Local.Demo;
using CdcDms.Local.Services;
using CdcDms.Local.Views;

namespace CdcDms.Local.Commands;

/// <summary><c>up</c>: the pipeline runs until Ctrl-C.</summary>
internal static class UpCommand
{
    private static readonly Option<int> Rows = DemoCommand.Positive("--rows", 20_000, "About how many rows the shop has at the start.");

    private static readonly Option<TimeSpan> Every = new("--every")
    {
        Description = "Time between two starts of the workflow, such as 10s or 5m. Default: 10s.",
        HelpName = "TIME",
        DefaultValueFactory = _ => TimeSpan.FromSeconds(10),
        CustomParser = result =>
        {
            if (Time(result.Tokens[0].Value) is { } time)
                return time;
            result.AddError("--every is a number of seconds or minutes above zero, such as 10s or 5m.");
            return default;
        },
    };

    public static Command Create()
    {
        var command = new Command("up", "Run services, a shop that changes, its capture and the workflow on a schedule, until Ctrl-C.")
        {
            Every, Rows, DemoCommand.Route,
        };
        command.SetAction((parsed, cancellationToken) => RunningServices.UseAsync(
            (services, end) => RunAsync(parsed, services, end), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, EmbeddedServices services, CancellationToken cancellationToken)
    {
        await ServicesView.WriteAsync(services, Console.Out);
        var progress = new DemoProgress();
        var route = parsed.GetValue(DemoCommand.Route);
        await using var console = await ShopConsole.StartAsync(services, route, progress, mayOperate: true, Console.Out);
        var up = new UpRun(services, route, parsed.GetValue(Rows), parsed.GetValue(Every), progress);
        try
        {
            await DemoView.WatchAsync(up.RunAsync(cancellationToken), progress);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how it ends.
        }

        return 0;
    }

    private static TimeSpan? Time(string text) =>
        text.Length < 2 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0 ? null
        : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            _ => null,
        };
}
