using CdcDms.Local.Services;
using CdcDms.Local.Views;

namespace CdcDms.Local.Commands;

/// <summary>Work over embedded services, which end with it; their start and Ctrl-C are told at once, and when all is gone.</summary>
internal static class RunningServices
{
    /// <summary>Starts services, works, and stops them.</summary>
    public static async Task<int> UseAsync(
        Func<EmbeddedServices, CancellationToken, Task<int>> work, CancellationToken cancellationToken)
    {
        await using var told = cancellationToken.Register(() => Screen.Note("Stopping: what runs is ended, and the services are stopped."));
        Screen.Note("Starting PostgreSQL and S3: a few seconds.");
        try
        {
            await using var services = await EmbeddedServices.StartAsync(cancellationToken);
            return await work(services, cancellationToken);
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested)
                Screen.Note("Stopped. The services and their files are gone.");
        }
    }
}
