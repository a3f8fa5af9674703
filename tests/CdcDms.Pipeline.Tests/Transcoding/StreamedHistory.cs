using System.Text;
using CdcDms.Pipeline.Tests.Model;
using CdcDms.Pipeline.Transcoding;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>
/// What happened to a table, as the messages of one task, and the calls of the function by which they come: resent, out of order, over
/// several shards, some calls tried again whole, some in halves.
/// </summary>
internal sealed class StreamedHistory
{
    private const int Keys = 6;

    private readonly Tape _tape;
    private readonly string _table;
    private readonly SortedDictionary<int, string?> _rows = [];
    private readonly List<string> _messages = [];
    private long _sequence;

    public StreamedHistory(Tape tape, string table)
    {
        (_tape, _table) = (tape, table);
        for (var key = 0; key < Keys; key++)
            if (!tape.OnceIn(3))
                _messages.Add(Messages.Load(Row(key, _rows[key] = "loaded"), table));
        for (var change = 0; change < 40; change++)
            _messages.Add(Next());
        Calls = [.. Cut()];
    }

    /// <summary>The records of each call of the function, with the shard that they are of.</summary>
    public IReadOnlyList<(string Shard, IReadOnlyList<StreamRecord> Records)> Calls { get; }

    /// <summary>The rows at the end: <c>1=ada 2=∅</c>.</summary>
    public string Rows => string.Join(' ', _rows.Select(row => $"{row.Key}={row.Value ?? "∅"}"));

    private string Next()
    {
        var (key, name, sequence) = (_tape.Next(Keys), _tape.OnceIn(5) ? null : $"n{_sequence}", ++_sequence);
        var committed = $"2026-11-{(sequence < 20 ? 27 : 28)}T10:00:00.123456Z";
        if (!_rows.ContainsKey(key))
        {
            _rows[key] = name;
            return Messages.Change("insert", sequence, Row(key, name), table: _table, committed: committed);
        }

        var other = _tape.Next(Keys);
        switch (_tape.Next(4))
        {
            case 0:
                _rows.Remove(key);
                return Messages.Change("delete", sequence, Row(key, null), table: _table, committed: committed);
            case 1 when !_rows.ContainsKey(other):
                _rows.Remove(key);
                _rows[other] = name;
                return Messages.Change("update", sequence, Row(other, name), $"\"id\":{key}", _table, committed);
            default:
                _rows[key] = name;
                return Messages.Change("update", sequence, Row(key, name), "", _table, committed);
        }
    }

    private IEnumerable<(string Shard, IReadOnlyList<StreamRecord> Records)> Cut()
    {
        var shards = 1 + _tape.Next(4);
        var resent = _messages.SelectMany(message => Enumerable.Repeat(message, _tape.OnceIn(5) ? 2 : 1));
        var records = _tape.Shuffled(resent).Select((message, at) => (
            Shard: _tape.Next(shards), Record: new StreamRecord($"{1000 + at}", Encoding.UTF8.GetBytes(message))));
        var calls = new List<(string Shard, IReadOnlyList<StreamRecord> Records)>();
        foreach (var ofShard in records.GroupBy(record => record.Shard, record => record.Record))
        {
            var shard = $"shardId-{ofShard.Key:D12}";
            for (var left = ofShard.ToList(); left.Count > 0;)
            {
                var call = left.Take(1 + _tape.Next(12)).ToList();
                left.RemoveRange(0, call.Count);
                calls.Add((shard, call));
                if (_tape.OnceIn(4))
                    calls.Add((shard, call));
                if (call.Count > 1 && _tape.OnceIn(4))
                    calls.AddRange([(shard, call[..(call.Count / 2)]), (shard, call[(call.Count / 2)..])]);
            }
        }

        return _tape.Shuffled(calls);
    }

    private static string Row(int key, string? name) => $"\"id\":{key},\"name\":{(name is null ? "null" : $"\"{name}\"")}";
}
