using Amazon.S3;
using CdcDms.Contract.Tables;
using CdcDms.Local.Remote;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Local.Operations;

/// <summary>How a command waits until merges have judged what it asked for.</summary>
internal interface IProofWaits : IDisposable
{
    /// <summary>How long it usually takes while a capture runs; null when nobody knows.</summary>
    TimeSpan? Usual { get; }

    /// <summary>A sentence on what is waited for, once rows of a table were read.</summary>
    string Read(TableDefinition table);

    /// <summary>A sentence on what may be the matter, when nothing came of all waits.</summary>
    string Late(TableDefinition table);

    /// <summary>Waits once, and merges where merges are this command's own.</summary>
    /// <returns>Whether there is another wait after this one.</returns>
    Task<bool> WaitAsync(TableDefinition table, CancellationToken cancellationToken);
}

/// <summary>Writes markers and merges in this process. Other merges may run meanwhile.</summary>
/// <param name="places">Where source, lake and analytics are.</param>
internal sealed class OwnMerges(ConnectedPlaces places) : IProofWaits
{
    private const int MostIntervals = 60;
    private const int UsualIntervals = 4;

    private readonly int _seconds = places.FileSeconds;
    private readonly PeriodicTimer _clock = new(TimeSpan.FromSeconds(places.FileSeconds));
    private readonly IAmazonS3 _s3 = places.ConnectS3();
    private int _intervals;

    public TimeSpan? Usual => TimeSpan.FromSeconds(UsualIntervals * _seconds);

    public string Read(TableDefinition table) =>
        $"{table.Source} is read; its proof waits until all that the source had written by then is merged, about "
        + $"{UsualIntervals * _seconds} "
        + "seconds while a capture runs. After Ctrl-C, merges judge it once later markers have come.";

    public string Late(TableDefinition table) =>
        $"The proof of {table.Source} is pending after {MostIntervals * _seconds} seconds: its markers do not come through the "
        + "lake in time. Look whether the capture or the task runs; merges judge the proof as long as it is not a day old.";

    public async Task<bool> WaitAsync(TableDefinition table, CancellationToken cancellationToken)
    {
        var target = ConnectedPlaces.Given(places.Target, "--target");
        var lake = new LakeReader(_s3, ConnectedPlaces.Given(places.Lake, "--lake"));
        await MarkerWriter.WriteOneAsync(ConnectedPlaces.Given(places.Source, "--source"), _seconds, cancellationToken);
        await _clock.WaitForNextTickAsync(cancellationToken);
        await new MarkerJob(lake, target).MergeAsync(cancellationToken);
        while ((await new MergeJob(lake, target).RunAsync(table, BatchLimits.Default, cancellationToken)).More)
            continue;
        return ++_intervals < MostIntervals;
    }

    public void Dispose()
    {
        _clock.Dispose();
        _s3.Dispose();
    }
}

/// <summary>Leaves merges and markers to the schedules of an environment, and looks soon at first, then every minute.</summary>
/// <param name="environment">The environment's name.</param>
internal sealed class ScheduledMerges(string environment) : IProofWaits
{
    // Merges judge no proof that is a day old.
    private static readonly TimeSpan Most = TimeSpan.FromDays(1);

    private readonly LookingPace _pace = new();

    public TimeSpan? Usual => null;

    public string Read(TableDefinition table) =>
        $"{table.Source} is read; the merges by the schedule of {environment} judge its proof once later markers have come. "
        + "They do so after Ctrl-C, too: then status tells whether the table is proven.";

    public string Late(TableDefinition table) =>
        $"The proof of {table.Source} was not judged within a day: look at the alarms of {environment}, and ask again.";

    public async Task<bool> WaitAsync(TableDefinition table, CancellationToken cancellationToken)
    {
        await _pace.WaitAsync(cancellationToken);
        return _pace.Waited < Most;
    }

    public void Dispose()
    {
        // There is nothing to give back.
    }
}
