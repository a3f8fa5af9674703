namespace CdcDms.Local.Workflow;

/// <summary>What was heard of one execution. It has no lock of its own.</summary>
/// <param name="id">Its name.</param>
/// <param name="machine">The state machine.</param>
/// <param name="clock">The time.</param>
internal sealed class ExecutionRecord(string id, string machine, TimeProvider clock)
{
    // A table that fails again and again says the same.
    private const int MostFailures = 50;

    private readonly DateTime _startedUtc = clock.GetUtcNow().UtcDateTime;
    private readonly Dictionary<(string Machine, string? Table, string State), (int Times, DateTime SinceUtc)> _now = [];
    private readonly Dictionary<(string Machine, string State), (int Entered, int Failed)> _passed = [];
    private readonly LinkedList<StateFailure> _failures = [];
    private ExecutionOutcome _outcome = ExecutionOutcome.Running;
    private DateTime? _endedUtc;
    private string? _cause;
    private int _batches, _retries;
    private long _files, _rows;

    /// <summary>Its name.</summary>
    public string Id => id;

    /// <summary>Whether it goes on.</summary>
    public bool IsRunning => _outcome is ExecutionOutcome.Running;

    /// <summary>Takes what happened.</summary>
    /// <returns>Whether it tells anything new.</returns>
    public bool Hear(WorkflowEvent happened)
    {
        switch (happened)
        {
            case StateEntered at:
                var running = _now.GetValueOrDefault((at.Machine, at.Table, at.State), (Times: 0, SinceUtc: NowUtc));
                _now[(at.Machine, at.Table, at.State)] = running with { Times = running.Times + 1 };
                Pass(at.Machine, at.State, entered: 1, failed: 0);
                return true;
            case StateLeft at:
                Leave((at.Machine, at.Table, at.State));
                return true;
            case TableOver at:
                foreach (var state in _now.Keys.Where(key => key.Machine == at.Machine && key.Table == at.Table).ToList())
                    _now.Remove(state);
                return true;
            case TaskErred at:
                Pass(at.Machine, at.State, entered: 0, failed: 1);
                _failures.AddLast(new StateFailure(
                    NowUtc, at.Machine, at.State, at.Table, FailureSentence.Of(at.Error, at.Cause)));
                if (_failures.Count > MostFailures)
                    _failures.RemoveFirst();
                return true;
            case TaskRetried at:
                _retries++;
                Pass(at.Machine, at.State, entered: 0, failed: -1);
                return true;
            case BatchMerged { Output: var output } when output is not { Files: 0, Ways: [] }:
                (_batches, _files, _rows) = (_batches + 1, _files + output.Files, _rows + output.Rows.Read);
                return true;
            default:
                return false;
        }
    }

    /// <summary>It has ended.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="cause">Why it failed, or was ended. Default: it was not.</param>
    public void End(ExecutionOutcome outcome, string? cause = null)
    {
        (_outcome, _cause, _endedUtc) = (outcome, cause, NowUtc);
        _now.Clear();
    }

    /// <summary>How it stands.</summary>
    public WorkflowExecution Told() => new()
    {
        Id = id,
        Machine = machine,
        StartedUtc = _startedUtc,
        EndedUtc = _endedUtc,
        Outcome = _outcome,
        Cause = _cause,
        Now =
        [
            .. _now.OrderBy(at => at.Key.Table, StringComparer.Ordinal).ThenBy(at => at.Value.SinceUtc).Select(
                at => new RunningState(at.Key.Machine, at.Key.State, at.Key.Table, at.Value.Times, at.Value.SinceUtc)),
        ],
        Batches = _batches,
        Files = _files,
        Rows = _rows,
        Retries = _retries,
    };

    /// <summary>How it stands, and its way.</summary>
    public ExecutionCourse Course() => new(
        Told(), [.. _passed.Select(at => new PassedState(at.Key.Machine, at.Key.State, at.Value.Entered, at.Value.Failed))],
        [.. _failures]);

    private DateTime NowUtc => clock.GetUtcNow().UtcDateTime;

    private void Pass(string of, string state, int entered, int failed)
    {
        var passed = _passed.GetValueOrDefault((of, state));
        _passed[(of, state)] = (passed.Entered + entered, passed.Failed + failed);
    }

    private void Leave((string Machine, string? Table, string State) key)
    {
        if (!_now.TryGetValue(key, out var running))
            return;
        if (running.Times > 1)
            _now[key] = running with { Times = running.Times - 1 };
        else
            _now.Remove(key);
    }
}
