using System.Globalization;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Tests.Model;
using CdcDms.Pipeline.Tests.Spark;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>One history by each way into the target: files of DMS, a stream, and files that Spark's SQL has reduced.</summary>
public sealed class ThreeWaysTests(TestServers servers) : StreamFixture(servers)
{
    private const int Keys = 8;
    private const int Changes = 60;

    private sealed record Event(char Operation, long Sequence, int Key, int? OldKey, int? Value)
    {
        private string Literal => Value is { } value ? value.ToString(CultureInfo.InvariantCulture) : "NULL";

        /// <summary>The row of a change file.</summary>
        public string Sql => string.Create(
            CultureInfo.InvariantCulture, $"('{Operation}', {Sequence}, {Key}, {Literal}, {(OldKey is { } was ? was : "NULL")})");

        /// <summary>The message of DMS.</summary>
        public string Message(string table)
        {
            var none = Value is null;
            var (text, day) = ($"\"n{Value} 'ü'\"", $"\"2026-01-{1 + (Value ?? 0) % 28:D2}\"");
            var data = string.Create(
                CultureInfo.InvariantCulture,
                $"\"id\":{Key},\"name\":{(none ? "null" : text)},\"qty\":{(none ? "null" : Value)},"
                + $"\"price\":{(none ? "null" : $"{Value}.25")},\"day\":{(none ? "null" : day)}");
            var operation = Operation switch { 'I' => "insert", 'U' => "update", _ => "delete" };
            var before = Operation is 'U' ? OldKey is { } was ? $"\"id\":{was}" : "" : null;
            return Messages.Change(operation, Sequence, data, before, table);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_history_gives_the_same_table_and_the_same_counts_by_files_by_a_stream_and_after_Spark(int seed)
    {
        var (direct, streamed, sparked) = (Table("direct"), Table("streamed"), Table("sparked"));
        var (events, rows) = History(seed);
        foreach (var table in (TableDefinition[])[direct, sparked])
            await Lake.CdcAsync(table, $"""
                SELECT op, v, id::INTEGER AS id, 'n' || qty || ' ''ü''' AS name, qty::INTEGER AS qty,
                    (qty || '.25')::DECIMAL(10, 2) AS price, make_date(2026, 1, (1 + qty % 28)::INTEGER) AS day, old::INTEGER AS "BI_id"
                FROM (VALUES {string.Join(", ", events.Select(change => change.Sql))}) t(op, v, id, qty, old)
                """);
        await StreamAsync(streamed, events.Select(change => change.Message(streamed.Name)));

        var counts = await MergeAsync(direct);
        var (plan, fault) = await SparkedMerge.PlanAsync(Job, Lake, sparked);
        Assert.Null(fault);
        var (reduced, unfit) = await SparkedMerge.MergeAsync(Job, sparked, plan!, BatchLimits.Default);

        Assert.Null(unfit);
        Assert.Equal(Changes, counts.Read);
        Assert.Equal(counts, reduced);
        Assert.Equal(OfOneBatch(counts), OfOneBatch(await MergeAsync(streamed)));
        Assert.Equal(rows, await RowsAsync(direct));
        Assert.Equal(rows, await RowsAsync(streamed));
        Assert.Equal(rows, await RowsAsync(sparked));
    }

    // A stream's updates with an old key have a file of their own, since they have more columns. Of two files of one batch the older change
    // is stale where it would be superseded in one file, and it moves no row that is not there yet.
    private static RowCounts OfOneBatch(RowCounts counts) =>
        counts with { Superseded = counts.Superseded + counts.Stale, Stale = 0, Moved = 0 };

    private static (IReadOnlyList<Event> Events, string Rows) History(int seed)
    {
        var random = new Random(seed);
        var tape = new Tape([.. Enumerable.Range(0, 1000).Select(_ => random.Next(1 << 16))]);
        var (rows, events) = (new SortedDictionary<int, int>(), new List<Event>());
        for (var sequence = 1; sequence <= Changes; sequence++)
        {
            var (key, other, value) = (tape.Next(Keys), tape.Next(Keys), sequence);
            if (!rows.ContainsKey(key))
                events.Add(new Event('I', sequence, key, null, rows[key] = value));
            else if (tape.OnceIn(4))
            {
                rows.Remove(key);
                events.Add(new Event('D', sequence, key, null, null));
            }
            else if (tape.OnceIn(3) && rows.TryAdd(other, value))
            {
                rows.Remove(key);
                events.Add(new Event('U', sequence, other, key, value));
            }
            else
                events.Add(new Event('U', sequence, key, null, rows[key] = value));
        }

        return (tape.Shuffled(events), string.Join('\n', rows.Select(row =>
            $"({row.Key},\"n{row.Value} 'ü'\",{row.Value},{row.Value}.25,2026-01-{1 + row.Value % 28:D2})")));
    }

    private static TableDefinition Table(string name) => People with
    {
        Name = name,
        Target = $"analytics.{name}",
        Columns =
        [
            new() { From = "id", To = "id", Type = "integer" }, new() { From = "name", To = "name", Type = "text" },
            new() { From = "qty", To = "qty", Type = "integer" }, new() { From = "price", To = "price", Type = "numeric(10,2)" },
            new() { From = "day", To = "day", Type = "date" },
        ],
    };

    private Task<string?> RowsAsync(TableDefinition table) => Analytics.ScalarAsync<string?>(
        $"SELECT string_agg(t::text, E'\\n' ORDER BY id) FROM (SELECT id, name, qty, price, day FROM {table.Target}) t");
}
