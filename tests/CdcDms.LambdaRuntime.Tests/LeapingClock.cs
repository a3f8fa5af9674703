namespace CdcDms.LambdaRuntime.Tests;

/// <summary>
/// A clock that stands still until a timer is set: the timer fires at once, and the clock shows the time for which it was set.
/// </summary>
public sealed class LeapingClock : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 17, 30, 0, TimeSpan.Zero);

    /// <summary>How long all waits together took by this clock.</summary>
    public TimeSpan Waited { get; private set; }

    public override DateTimeOffset GetUtcNow() => Start + Waited;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waited += dueTime;
        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
