using System.CommandLine;
using CdcDms.Local.Services;
using CdcDms.Local.Views;

namespace CdcDms.Local.Commands;

/// <summary><c>services</c>: starts PostgreSQL and S3 and waits for Ctrl-C.</summary>
internal static class ServicesCommand
{
    public static Command Create()
    {
        var command = new Command("services", "Start PostgreSQL and S3 on loopback and wait until Ctrl-C.");
        command.SetAction(async (_, cancellationToken) =>
        {
            await using var services = await EmbeddedServices.StartAsync(cancellationToken);
            await ServicesView.KeepAsync(services, Console.Out, cancellationToken);
            return 0;
        });
        return command;
    }
}
