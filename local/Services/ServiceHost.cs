using System.Diagnostics;
using System.Text.Json;
using CdcDms.Contract;

namespace CdcDms.Local.Services;

/// <summary>
/// One service's Node process (<c>host.mjs</c>). Our end of its stdin is the tie: when it closes, by <see cref="DisposeAsync"/> or because
/// this program ended in any way, the host stops the service, removes its files and ends.
/// </summary>
internal sealed class ServiceHost : IAsyncDisposable
{
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(20);

    private readonly Process _node;
    private readonly Task<string> _complaints;

    private ServiceHost(Process node)
    {
        _node = node;
        _complaints = node.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts <c>postgres</c> or <c>s3</c> and gives what the host says about reaching it.</summary>
    /// <exception cref="CdcDmsException">Node is missing, or the service did not start.</exception>
    public static async Task<(ServiceHost Host, T Ready)> StartAsync<T>(
        string service, CancellationToken cancellationToken, string? copyOf = null)
    {
        var host = new ServiceHost(NodeProcess.Start("The embedded services need", "Services/host.mjs", service, copyOf ?? ""));
        try
        {
            var line = await host._node.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancellationToken)
                ?? throw new CdcDmsException(
                    ErrorKind.Unavailable, $"The embedded service {service} ended while it started: {(await host._complaints).Trim()}");
            if (JsonSerializer.Deserialize<Failure>(line, JsonSerializerOptions.Web)?.Error is { } sentence)
                throw new CdcDmsException(ErrorKind.Unavailable, sentence);
            return (host, JsonSerializer.Deserialize<T>(line, JsonSerializerOptions.Web)!);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when the service's processes and files are gone.</summary>
    public async ValueTask DisposeAsync()
    {
        _node.StandardInput.Close();
        using var deadline = new CancellationTokenSource(StopDeadline);
        try
        {
            await _node.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _node.Kill(entireProcessTree: true);
        }
        _node.Dispose();
    }

    private sealed record Failure(string? Error);
}
