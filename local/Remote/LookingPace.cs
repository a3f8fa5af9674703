namespace CdcDms.Local.Remote;

/// <summary>When to look again at what goes on at AWS: soon at first, since a mistake shows at once, and then every minute.</summary>
internal sealed class LookingPace
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private TimeSpan _next = TimeSpan.FromSeconds(1);

    /// <summary>How long it has waited by now.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Waits for the next look.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(_next, cancellationToken);
        Waited += _next;
        _next = TimeSpan.FromTicks(Math.Min(2 * _next.Ticks, Longest.Ticks));
    }
}
