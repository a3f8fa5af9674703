using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Proofs;

/// <summary>
/// A comparison of a whole table, which may stop between two statements and go on in another call. All rows are summed up in buckets. Then
/// come passes, each over some of the buckets that differ: it reads the hashes of their rows, and the keys of the rows that differ, and
/// proofs are asked of these.
/// </summary>
/// <param name="sides">Both sides.</param>
/// <param name="state">How far the comparison is.</param>
/// <param name="limits">What bounds the comparison.</param>
/// <param name="pace">How long to go on.</param>
internal sealed class ComparisonRun(ComparisonSides sides, ComparisonState state, ScanLimits limits, ScanPace pace) : IDisposable
{
    // Names of what is saved.
    private const string SourceSums = "source-sums";
    private const string TargetSums = "target-sums";
    private const string SourceHashes = "source-hashes";
    private const string TargetHashes = "target-hashes";
    private const string Different = "different";

    private readonly ReadRows _rows = new("", progress: null);
    private (BucketSums Source, BucketSums Target) _sums = (new(sides.Buckets), new(sides.Buckets));
    private RowHashPair? _hashes;
    private DifferentRows _different = new([]);

    // As the pass began, or goes on from an earlier call; null before the first.
    private ComparisonState? _pass;

    /// <summary>Both sides.</summary>
    public ComparisonSides Sides => sides;

    /// <summary>How far the comparison is.</summary>
    public ComparisonState State => state with { Source = sides.Source.Scan.Position, Target = sides.Target.Scan.Position };

    /// <summary>Reads what an earlier call has saved.</summary>
    public async Task RestoreAsync(ComparisonLedger ledger, CancellationToken cancellationToken)
    {
        async Task<BucketSums> SumsAsync(string name) =>
            new(sides.Buckets, await ledger.ReadAsync(name, cancellationToken).SingleAsync(cancellationToken));
        _sums = (await SumsAsync(SourceSums), await SumsAsync(TargetSums));
        if (state.Phase is ComparisonPhase.Hashes)
        {
            _hashes = new RowHashPair(Pass(), limits);
            await foreach (var bytes in ledger.ReadAsync(SourceHashes, cancellationToken))
                _hashes.Source.Add(bytes);
            await foreach (var bytes in ledger.ReadAsync(TargetHashes, cancellationToken))
                _hashes.Target.Add(bytes);
            _pass = state;
        }
        else if (state.Phase is ComparisonPhase.Keys)
            _different = DifferentRows.Of(await ledger.ReadAsync(Different, cancellationToken).SingleAsync(cancellationToken));
    }

    /// <summary>What the next call needs beside <see cref="State"/>.</summary>
    public IEnumerable<(string Name, byte[] Bytes)> Parts()
    {
        yield return (SourceSums, _sums.Source.ToBytes());
        yield return (TargetSums, _sums.Target.ToBytes());
        for (var part = 0; part < _hashes?.Source.Parts; part++)
        {
            yield return (SourceHashes, _hashes.Source.ReadBytes(part));
            yield return (TargetHashes, _hashes.Target.ReadBytes(part));
        }

        if (state.Phase is ComparisonPhase.Keys)
            yield return (Different, _different.ToBytes());
    }

    /// <summary>
    /// Makes a run of which a statement failed one that a later call can go on with. The pass that failed begins anew: hashes of a range
    /// may be there in part, and of its rows some may have been asked for and some not.
    /// </summary>
    /// <returns>Whether that can be; if not, nothing was changed.</returns>
    public bool BeginFailedPassAnew()
    {
        if (!state.IsAfterMarker || (state.Phase is not ComparisonPhase.Sums && _pass is null))
            return false;
        if (_pass is not null)
        {
            state = _pass;
            _different = new DifferentRows([]);
            BeginHashes(Pass());
        }

        return true;
    }

    /// <summary>Compares until the end, or until something keeps the comparison from going on.</summary>
    /// <param name="asking">Asks for proofs of keys.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<ComparisonMore> GoOnAsync(DifferenceAsking asking, CancellationToken cancellationToken)
    {
        if (state.Phase is ComparisonPhase.Sums)
        {
            if (!await sides.SumAsync(_sums, pace, _rows, cancellationToken))
                return ComparisonMore.Time;
            BeginPass(bucket: 0);
        }

        while (state.FirstBucket < sides.Buckets)
        {
            if (state.Phase is ComparisonPhase.Hashes)
            {
                if (!await sides.ReadHashesAsync(Pass().Bits, _hashes!, pace, cancellationToken))
                    return ComparisonMore.Time;
                Join();
            }

            var (more, after) = await asking.AskAsync(sides, _different, Pass().Bits, state, pace, cancellationToken);
            state = after;
            if (more is not ComparisonMore.Nothing)
                return more;
            BeginPass(Pass().End);
        }

        return ComparisonMore.Nothing;
    }

    /// <inheritdoc/>
    public void Dispose() => _hashes?.Dispose();

    private DifferentBuckets Pass() => _sums.Source.Compare(_sums.Target, state.FirstBucket, state.RowsPerPass);

    // The rows of equal buckets count as soon as the pass begins: a pass looks at them once.
    private void BeginPass(int bucket)
    {
        state = state with { FirstBucket = bucket, Phase = ComparisonPhase.Hashes };
        var pass = Pass();
        state = state with
        {
            FirstBucket = pass.Rows == 0 ? pass.End : bucket,
            SourceRows = state.SourceRows + pass.EqualRows,
            TargetRows = state.TargetRows + pass.EqualRows,
        };
        _pass = state;
        BeginHashes(pass);
    }

    private void BeginHashes(DifferentBuckets pass)
    {
        sides.Rewind();
        _hashes?.Dispose();
        _hashes = pass.Rows > 0 ? new RowHashPair(pass, limits) : null;
    }

    private void Join()
    {
        var join = new RowJoin(limits.ExaminedRows);
        var (source, target) = join.Add(_hashes!);
        _hashes!.Dispose();
        _hashes = null;
        _different = new DifferentRows(join.Kept);
        var (missing, extra, changed) = (
            join.Count(DifferenceKind.Missing), join.Count(DifferenceKind.Extra), join.Count(DifferenceKind.Changed));
        state = state with
        {
            Phase = ComparisonPhase.Keys,
            SourceRows = state.SourceRows + source,
            TargetRows = state.TargetRows + target,
            Missing = state.Missing + missing,
            Extra = state.Extra + extra,
            Changed = state.Changed + changed,
            HasMoreRows = state.HasMoreRows || missing + extra + changed > join.Kept.Count,
        };
    }
}
