using System.Diagnostics;
using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Tracing;

namespace CdcDms.Pipeline.Merging;

/// <summary>A step on the way of a batch.</summary>
internal enum MergePhase
{
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
/// Adds up where the time of a batch goes, and shows each phase as a span. Phases follow each other and are never one inside another.
/// </summary>
internal sealed class PhaseClock
{
    private static readonly string[] Names = [.. Enum.GetNames<MergePhase>().Select(name => name.ToLowerInvariant())];

    private readonly TimeSpan[] _spent = new TimeSpan[Names.Length];

    /// <summary>What was measured so far.</summary>
    public MergePhases Phases => new()
    {
        ListSeconds = Seconds(MergePhase.List),
        FetchSeconds = Seconds(MergePhase.Fetch),
        ReduceSeconds = Seconds(MergePhase.Check, MergePhase.Evolve, MergePhase.Lock, MergePhase.Reduce),
        CopySeconds = Seconds(MergePhase.Copy),
        MergeSeconds = Seconds(MergePhase.Merge, MergePhase.Commit),
    };

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
