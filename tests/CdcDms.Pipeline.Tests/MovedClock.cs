namespace CdcDms.Pipeline.Tests;

/// <summary>The system's clock, ahead by as much as a test has moved it.</summary>
public sealed class MovedClock : TimeProvider
{
    private TimeSpan _ahead;

    public void Advance(TimeSpan by) => _ahead += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _ahead;
}
