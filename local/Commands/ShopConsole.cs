using Amazon.Runtime;
using CdcDms.Contract.Tables;
using CdcDms.Local.ConsoleServer;
using CdcDms.Local.Demo;
using CdcDms.Local.Operations;
using CdcDms.Local.Services;
using CdcDms.Pipeline.Catalog;

namespace CdcDms.Local.Commands;

/// <summary>The console of a shop over embedded services, which knows all of it.</summary>
internal static class ShopConsole
{
    /// <summary>Starts it, and prints its address.</summary>
    /// <param name="services">The services.</param>
    /// <param name="route">The way of the changes into the lake.</param>
    /// <param name="progress">What happens over them.</param>
    /// <param name="mayOperate">Whether it may cure: a repair needs a capture that goes on.</param>
    /// <param name="output">Takes the address.</param>
    public static async Task<RunningConsole> StartAsync(
        EmbeddedServices services, Route route, DemoProgress progress, bool mayOperate, TextWriter output)
    {
        var places = new ConnectedPlaces
        {
            Source = services.SourceConnectionString,
            Target = services.AnalyticsConnectionString,
            Lake = services.Lake,
            S3Endpoint = services.S3.Endpoint,
            S3Credentials = new BasicAWSCredentials(services.S3.AccessKeyId, services.S3.SecretAccessKey),
            Tables = cancellationToken => TablesAsync(services, cancellationToken),
            FileSeconds = ShopPipeline.MarkerSecondsOf(route),
        };
        var console = await RunningConsole.StartAsync(new ConsolePlaces
        {
            Operations = new ConnectedOperations(places),
            Health = cancellationToken => HealthCommand.LookAsync(places, cancellationToken),
            HasDefinitions = true,
            MayOperate = mayOperate,
            Waits = () => new OwnMerges(places),
            Workflow = progress.Runs,
            Captured = new CaptureWatch(() => progress.Read().Captured, TimeProvider.System),
        });
        await output.WriteLineAsync($"# console:   {console.Address} (for one browser of this machine)");
        return console;
    }

    private static async Task<TableList> TablesAsync(EmbeddedServices services, CancellationToken cancellationToken) => new(
        (await new TableDescriber(services.SourceConnectionString).DescribeAsync([], cancellationToken)).Tables, []);
}
