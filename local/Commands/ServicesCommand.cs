using System.CommandLine;
using CdcDms.Local.Views;

namespace CdcDms.Local.Commands;

/// <summary><c>services</c>: starts PostgreSQL and S3 and waits for Ctrl-C.</summary>
internal static class ServicesCommand
{
    public static Command Create()
    {
        var command = new Command("services", "Start PostgreSQL and S3 on loopback and wait until Ctrl-C.");
        command.SetAction((_, cancellationToken) => RunningServices.UseAsync(
            async (services, end) =>
            {
                await ServicesView.KeepAsync(services, Console.Out, end);
                return 0;
            },
            cancellationToken));
        return command;
    }
}
