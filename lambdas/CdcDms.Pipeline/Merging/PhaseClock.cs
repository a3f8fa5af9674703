using System.Diagnostics;
using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Tracing;

namespace CdcDms.Pipeline.Merging;

/// <summary>A step on the way of a batch.</summary>
internal enum MergePhase
{
    /// <summary>Connecting to the analytics database, and reading what the target and its ledger are; again after an attempt.</summary>
    Open,

    /// <summary>Listing the lake and asking the ledger what is new.</summary>
    List,

    /// <summary>Fetching the files.</summary>
    Fetch,

    /// <summary>Reading the files' columns, then their rows' versions and faults.</summary>
    Check,

    /// <summary>Giving the target the columns and types that the files need.</summary>
    Evolve,

    /// <summary>Waiting for the table's lock, and looking again whether the batch is still to be applied.</summary>
    Lock,

    /// <summary>Reducing the changes to the last of each key.</summary>
    Reduce,

    /// <summary>Streaming rows into the staging table.</summary>
    Copy,

    /// <summary>The statements that merge what is staged, and what is put aside.</summary>
    Merge,

    /// <summary>Writing the batch into the ledger, and the commit.</summary>
    Commit,
}

/// <summary>
/// Adds up where the time of a batch goes, attempt after attempt, and shows each phase as a span. Phases follow each other and are never
/// one inside another.
/// </summary>
internal sealed class PhaseClock
{
    private static readonly string[] Names = [.. Enum.GetNames<MergePhase>().Select(name => name.ToLowerInvariant())];

    private readonly TimeSpan[] _spent = new TimeSpan[Names.Length];
    private readonly List<MergeWay> _ways = [];
    private int _attempts;

    /// <summary>The ways that the attempt has taken so far, one after the other.</summary>
    public IReadOnlyList<MergeWay> Ways => _ways;

    /// <summary>How the batch went so far.</summary>
    public BatchCourse Course => new() { Attempts = _attempts, Ways = [.. _ways], Phases = Phases };

    private MergePhases Phases => new()
    {
        ListSeconds = Seconds(MergePhase.List),
        FetchSeconds = Seconds(MergePhase.Fetch),
        PrepareSeconds = Seconds(MergePhase.Open, MergePhase.Evolve, MergePhase.Lock),
        ReduceSeconds = Seconds(MergePhase.Check, MergePhase.Reduce),
        CopySeconds = Seconds(MergePhase.Copy),
        MergeSeconds = Seconds(MergePhase.Merge, MergePhase.Commit),
    };

    /// <summary>Begins an attempt to merge a batch.</summary>
    public void BeginAttempt()
    {
        _attempts++;
        _ways.Clear();
    }

    /// <summary>Begins a way, as rows are about to be copied.</summary>
    public void BeginWay(MergeWay way) => _ways.Add(way);

    /// <summary>Says that rows of the current way are copied into the target itself.</summary>
    public void GoStraight() => _ways[^1] = MergeWay.Straight;

    /// <summary>Begins a phase, which lasts until the result is disposed of.</summary>
    public Running Begin(MergePhase phase) => new(this, phase);

    private double Seconds(params ReadOnlySpan<MergePhase> phases)
    {
        var spent = TimeSpan.Zero;
        foreach (var phase in phases)
            spent += _spent[(int)phase];
        return Math.Round(spent.TotalSeconds, 3);
    }

    /// <summary>A phase that has begun.</summary>
    public readonly struct Running(PhaseClock clock, MergePhase phase) : IDisposable
    {
        private readonly Activity? _span = PipelineTrace.Begin(Names[(int)phase]);
        private readonly long _began = Stopwatch.GetTimestamp();

        /// <summary>Ends the phase.</summary>
        public void Dispose()
        {
            clock._spent[(int)phase] += Stopwatch.GetElapsedTime(_began);
            _span?.Dispose();
        }
    }
}
