using System.Diagnostics;

namespace CdcDms.Pipeline.Validation;

/// <summary>How long a comparison may go on at once, and how it spares the servers.</summary>
/// <param name="MayGoOn">Is asked before each range; false ends the pass there, and another call goes on with that range.</param>
/// <param name="RestShare">How long to rest after a range, as a share of the time that reading the range took.</param>
internal sealed record ScanPace(Func<bool> MayGoOn, double RestShare)
{
    /// <summary>Without an end and without a rest.</summary>
    public static ScanPace Unbounded { get; } = new(() => true, 0);

    /// <summary>Rests after a range.</summary>
    /// <param name="began">When the read of the range began (<see cref="Stopwatch.GetTimestamp"/>).</param>
    /// <param name="cancellationToken">Ends the rest.</param>
    public async Task RestAsync(long began, CancellationToken cancellationToken)
    {
        if (RestShare > 0)
            await Task.Delay(Stopwatch.GetElapsedTime(began) * RestShare, cancellationToken);
    }
}
