using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.Capture;
using CdcDms.Local.Views;
using CdcDms.Local.Views.Live;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Demo;

/// <summary>What a running demo has done so far; written by capture and merge, read by the view.</summary>
internal sealed class DemoProgress : IProgress<CaptureProgress>, IProgress<string>
{
    private readonly Lock _lock = new();
    private CaptureTotals _before = new(0, 0, 0);
    private CaptureTotals _now = new(0, 0, 0);
    private RowCounts _rows = new();
    private DateTime? _newestCommitUtc;
    private bool _writingEnded;
    private JudgedProofs _judged = new();
    private int _asked;
    private readonly TaskCompletionSource _streaming = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _readForProof = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly WorkflowNews _news;

    public DemoProgress()
    {
        Live = new LiveModel("rows merged") { Counts = () => Counts() };
        _news = new WorkflowNews(Live);
    }

    /// <summary>What a view draws of it.</summary>
    public LiveModel Live { get; }

    /// <summary>The executions of the workflow.</summary>
    public WorkflowRuns Runs { get; } = new(TimeProvider.System);

    /// <summary>Something else happens now.</summary>
    public void Report(string value) => Live.Begin(value);

    /// <summary>These tables go through the pipeline.</summary>
    public void Begins(IEnumerable<TableDefinition> tables) => Live.Name(tables.Select(table => table.Source.ToString()));

    /// <summary>Ends when the snapshot is complete, and changes are captured.</summary>
    public Task Streaming => _streaming.Task;

    /// <summary>Ends when rows have been read at the source for the first proof.</summary>
    public Task ReadForProof => _readForProof.Task;

    /// <summary>The function that reads the stream has failed, with this answer; it gets the same records again.</summary>
    public void StreamFailed(string answer) =>
        Live.Warn($"The function of the stream failed and gets the same records again; it answered {answer}");

    /// <summary>
    /// Rows and files of all captures of this demo, the fate of the rows merged, and while writers write how long ago the newest merged
    /// change was committed at the source.
    /// </summary>
    public (CaptureTotals Captured, RowCounts Merged, TimeSpan? Age) Read()
    {
        lock (_lock)
            return (Captured, _rows, _writingEnded ? null : DateTime.UtcNow - _newestCommitUtc);
    }

    /// <summary>What has happened so far; empty before anything was captured.</summary>
    public string Counts()
    {
        var (captured, merged, age) = Read();
        return captured is { SnapshotRows: 0, ChangesCaptured: 0 } ? "" : $"captured {Screen.Number(captured.SnapshotRows)} rows and "
            + $"{Screen.Number(captured.ChangesCaptured)} changes in {Screen.Count(captured.FilesWritten, "file")}, "
            + (merged.Read == 0 ? "waiting for the first merge" : $"merged {Screen.Number(merged.Read)} rows")
            + (age is { } time ? $", the newest merged change is {time.TotalSeconds:F0} s old" : "");
    }

    /// <summary>How many times rows of a batch were read for a proof.</summary>
    public int ProofsAsked
    {
        get
        {
            lock (_lock)
                return _asked;
        }
    }

    /// <summary>What became of these proofs.</summary>
    public JudgedProofs Judged
    {
        get
        {
            lock (_lock)
                return _judged;
        }
    }

    private CaptureTotals Captured => new(
        _before.SnapshotRows + _now.SnapshotRows, _before.ChangesCaptured + _now.ChangesCaptured, _before.FilesWritten + _now.FilesWritten);

    /// <inheritdoc/>
    public void Report(CaptureProgress value)
    {
        if (value.Warning is { } warning)
            Live.Warn(warning);
        if (value.Phase is CapturePhase.Stream)
            _streaming.TrySetResult();
        lock (_lock)
            _now = value.Totals;
        if (value.Table is { Rows: > 0 and var rows, Name: var name })
            Live.Change(name.ToString(), table => table with
            {
                Total = (table.Total ?? 0) + rows,
                TotalGrows = true,
                State = table.Total is null ? "captured" : table.State,
            });
    }

    /// <summary>A capture has ended with these totals; the next one counts from zero.</summary>
    public void Ended(CaptureTotals totals)
    {
        lock (_lock)
        {
            _now = totals;
            (_before, _now) = (Captured, new CaptureTotals(0, 0, 0));
        }
    }

    /// <summary>Nobody writes any more: from now on the age of the newest change says nothing of the pipeline.</summary>
    public void WritingEnded()
    {
        lock (_lock)
            _writingEnded = true;
        Live.WritingEnded();
    }

    /// <summary>The workflow went on.</summary>
    public void Happened(WorkflowEvent happened)
    {
        _news.Happened(happened);
        if (happened is ProofAsked { Output: { Keys: > 0, Compared: null } })
        {
            lock (_lock)
                _asked++;
            _readForProof.TrySetResult();
        }

        if (happened is not BatchMerged { Output: var batch })
            return;
        lock (_lock)
        {
            _rows += batch.Rows;
            if (batch.LastCommitUtc is { } newest && !(newest <= _newestCommitUtc))
                _newestCommitUtc = newest;
            if (batch.Proofs is { } proofs)
                _judged = _judged with
                {
                    Proofs = _judged.Proofs + proofs.Proofs,
                    NotProven = _judged.NotProven + proofs.NotProven,
                    KeysDifferent = _judged.KeysDifferent + proofs.KeysDifferent,
                    KeysNotJudged = _judged.KeysNotJudged + proofs.KeysNotJudged,
                };
        }
    }
}
