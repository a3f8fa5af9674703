using CdcDms.Contract.Functions;

namespace CdcDms.Local.ConsoleServer;

/// <summary>
/// Looks at the health for all pages: one look at a time. Who asks while one goes on gets the next, which all share who have asked by
/// then: what went on may have passed already what has changed since.
/// </summary>
/// <param name="look">Looks at it.</param>
/// <param name="ended">Ends the looks.</param>
internal sealed class HealthLooks(Func<CancellationToken, Task<HealthReport>> look, CancellationToken ended)
{
    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;
    private Task<HealthReport>? _next;

    /// <summary>A look that begins from now on.</summary>
    public Task<HealthReport> AskAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _next ??= LookAsync(_running);
            return _next.WaitAsync(cancellationToken);
        }
    }

    private async Task<HealthReport> LookAsync(Task before)
    {
        await Task.Yield();
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
            (_running, _next) = (_next!, null);
        return await look(ended);
    }
}
