using System.CommandLine;
using CdcDms.Contract.Functions;
using CdcDms.Local.ConsoleServer;
using CdcDms.Local.Remote;
using CdcDms.Pipeline.Health;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Local.Commands;

/// <summary><c>console</c>: a page that shows where every table stands, until Ctrl-C.</summary>
internal static class ConsoleCommand
{
    private static readonly Option[] OfHealth = [Reach.Source, Reach.Lake, Reach.Tables];

    public static Command Create()
    {
        var command = new Command(
            "console",
            "Serve a page on this machine that shows where every table stands and what is merged, and print its address, which lets one "
            + "browser in. With --source, --lake and --tables it shows the health of the whole pipeline, too. It changes nothing.")
        {
            CommonOptions.Target, Reach.Source, Reach.Lake, Reach.Tables, CommonOptions.S3Endpoint,
        };
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
        var target = parsed.TargetText();
        await using var console = await RunningConsole.StartAsync(
            new ConsolePlaces { Operations = new ConnectedOperations(parsed.Places()), Health = Health(parsed, target) });
        Console.WriteLine($"The console of {parsed.TargetName()}, for one browser of this machine, until Ctrl-C:");
        Console.WriteLine(console.Address);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private static Func<CancellationToken, Task<HealthReport>>? Health(ParseResult parsed, string target)
    {
        if (parsed.GetResult(Reach.Source) is null)
            return null;
        var (source, endpoint, lake) = (parsed.SourceText(), parsed.S3Uri(), parsed.LakeUri());
        return async cancellationToken =>
        {
            using var s3 = LakeClient.Connect(endpoint);
            var tables = await parsed.TablesAsync(cancellationToken);
            var places = new HealthPlaces
            {
                SourceAsync = _ => Task.FromResult(source),
                TargetAsync = _ => Task.FromResult(target),
                Lake = new LakeReader(s3, lake),
            };
            return await new HealthJob(places, new HealthLimits()).RunAsync(tables.All(), cancellationToken);
        };
    }
}
