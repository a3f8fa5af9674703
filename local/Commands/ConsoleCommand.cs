using System.CommandLine;
using CdcDms.Local.ConsoleServer;
using CdcDms.Local.Operations;

namespace CdcDms.Local.Commands;

/// <summary><c>console</c>: a page that shows the pipeline, and cures what is wrong where that is wanted, until Ctrl-C.</summary>
internal static class ConsoleCommand
{
    private static readonly Option[] OfHealth = [Reach.Source, Reach.Lake, Reach.Tables];

    private static readonly Option<bool> Operate = new("--operate")
    {
        Description = "Let the page cure what is wrong: resume, repair, load again, try quarantined changes again or give them up. It asks "
            + "before each, and says what will happen.",
    };

    public static Command Create()
    {
        var command = new Command(
            "console",
            "Serve a page on this machine that shows where every table stands and what is merged, and print its address, which lets one "
            + "browser in. With --source, --lake and --tables it shows the health of the whole pipeline, too. It changes nothing, unless "
            + "--operate is given.")
        {
            Operate,
        };
        command.Reaches([Reach.Target], Reach.Source, Reach.Lake, Reach.Tables, CommonOptions.S3Endpoint, ProofOptions.FileSeconds);
        command.Validators.Add(result =>
        {
            if (OfHealth.Count(option => result.GetResult(option) is not null) is > 0 and < 3)
                result.AddError("--source, --lake and --tables go together: give all three, or none.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var places = parsed.OperatedEnvironment() is { } environment
            ? EnvironmentConsole.Of(environment, parsed.GetValue(Operate))
            : Connected(Living(parsed), parsed.GetValue(Operate));
        await using var console = await RunningConsole.StartAsync(places);
        Console.WriteLine($"The console of {places.Operations.Analytics}, for one browser of this machine, until Ctrl-C:");
        Console.WriteLine(console.Address);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    // The console outlives what the file says: it is read whenever the definitions are asked for.
    private static ConnectedPlaces Living(ParseResult parsed)
    {
        var places = parsed.Places();
        return places with { Tables = places.Tables is null ? null : parsed.TablesAsync };
    }

    private static ConsolePlaces Connected(ConnectedPlaces places, bool operates) => new()
    {
        Operations = new ConnectedOperations(places),
        // Of source, lake and definitions all are given, or none.
        Health = places.Source is null ? null : cancellationToken => HealthCommand.LookAsync(places, cancellationToken),
        HasDefinitions = places.Tables is not null,
        MayOperate = operates,
        Waits = () => new OwnMerges(places),
    };
}
