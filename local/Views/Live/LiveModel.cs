using System.Collections.Concurrent;

namespace CdcDms.Local.Views.Live;

/// <summary>What is going on; many write it, and a view reads it.</summary>
/// <param name="counted">What is counted of the tables: <c>rows merged</c>.</param>
/// <param name="clock">Tells the time. Default: the system's clock.</param>
internal sealed class LiveModel(string counted, TimeProvider? clock = null)
{
    /// <summary>Lines that the log keeps.</summary>
    public const int LogLines = 6;

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly DateTime _startedUtc = (clock ?? TimeProvider.System).GetUtcNow().UtcDateTime;
    private readonly List<string> _order = [];
    private readonly Dictionary<string, LiveTable> _tables = [];
    private readonly Queue<LogLine> _log = new();
    private readonly ConcurrentQueue<string> _warnings = [];
    private string _step = "starting";
    private bool _isAtRest;

    /// <summary>What happens now, in a few words.</summary>
    public string Step
    {
        get
        {
            lock (_lock)
                return _step;
        }
    }

    /// <summary>What has happened so far, in numbers, as of when it is drawn. Default: nothing.</summary>
    public Func<string> Counts { get; init; } = () => "";

    private DateTime NowUtc => _clock.GetUtcNow().UtcDateTime;

    /// <summary>Something else happens now.</summary>
    public void Begin(string step)
    {
        lock (_lock)
            _step = step;
    }

    /// <summary>Nobody writes any more: from now on the age of the newest change says nothing of the pipeline.</summary>
    public void WritingEnded()
    {
        lock (_lock)
            _isAtRest = true;
    }

    /// <summary>These tables get a line each, in this order; of others nothing is shown.</summary>
    public void Name(IEnumerable<string> tables)
    {
        lock (_lock)
            foreach (var table in tables)
                if (_tables.TryAdd(table, new LiveTable(table)))
                    _order.Add(table);
    }

    /// <summary>Something else is so of a table; nothing happens if it has no line.</summary>
    public void Change(string table, Func<LiveTable, LiveTable> change)
    {
        lock (_lock)
        {
            if (!_tables.TryGetValue(table, out var before))
                return;
            var now = NowUtc;
            var after = change(before);
            var begins = after.IsBusy && !(before.IsBusy && before.State == after.State);
            _tables[table] = after with { ChangedUtc = now, BeganUtc = begins ? now : before.BeganUtc };
        }
    }

    /// <summary>Something is under way for a table.</summary>
    public void Busy(string table, string state) =>
        Change(table, one => one with { State = state, IsBusy = true, Tone = Tone.Plain, UsualEndUtc = null });

    /// <summary>Something is under way for a table that usually takes a time; null when nobody knows.</summary>
    public void Busy(string table, string state, TimeSpan? usual) =>
        Change(table, one => one with { State = state, IsBusy = true, Tone = Tone.Plain, UsualEndUtc = NowUtc + usual });

    /// <summary>What was under way for a table has ended.</summary>
    public void Rest(string table, string state, Tone tone = Tone.Good) =>
        Change(table, one => one with { State = state, IsBusy = false, Tone = tone, UsualEndUtc = null });

    /// <summary>A line for the log, which keeps the newest.</summary>
    public void Say(string text, Tone tone = Tone.Plain)
    {
        lock (_lock)
        {
            if (_log.Count == LogLines)
                _log.Dequeue();
            _log.Enqueue(new LogLine(NowUtc, text, tone));
        }
    }

    /// <summary>A sentence that nobody shall miss: it stays on the screen.</summary>
    public void Warn(string sentence) => _warnings.Enqueue(sentence);

    /// <summary>The next warning that was not shown; null when all were.</summary>
    public string? NextWarning() => _warnings.TryDequeue(out var warning) ? warning : null;

    /// <summary>All of it as it is now.</summary>
    public LiveSnapshot Read()
    {
        var counts = Counts();
        lock (_lock)
            return new LiveSnapshot
            {
                NowUtc = NowUtc,
                Step = _step,
                StartedUtc = _startedUtc,
                Counts = counts,
                Counted = counted,
                Tables = [.. _order.Select(name => _isAtRest ? _tables[name] with { NewestUtc = null } : _tables[name])],
                Log = [.. _log],
            };
    }
}
