using CdcDms.Pipeline.Tests.Model;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>Any way of a history through a stream ends in the same table.</summary>
public sealed class StreamedHistoryTests(TestServers servers) : StreamFixture(servers)
{
    private const int Histories = 12;

    [Fact]
    public async Task Any_history_resent_reordered_over_shards_and_in_halves_gives_what_happened_and_balanced_counts()
    {
        for (var seed = 1; seed <= Histories; seed++)
        {
            var random = new Random(seed);
            var tape = new Tape([.. Enumerable.Range(0, 2000).Select(_ => random.Next(1 << 16))]);
            var table = People with { Name = $"people{seed}", Target = $"analytics.people{seed}" };
            var history = new StreamedHistory(tape, table.Name);
            var (streamed, merged) = (0L, 0L);
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (shard, records) in history.Calls)
            {
                var output = await TranscodeAsync(BatchOf(shard, records), table);
                Assert.Equal((records.Count, 0), (output.Read, output.Rejected));
                streamed += names.Add($"{shard} {records[0].SequenceNumber} {records.Count}") ? output.Rows : 0;
                if (tape.OnceIn(5))
                    merged += (await MergeAsync(table)).Read;
            }

            merged += (await MergeAsync(table)).Read;

            Assert.Equal(
                $"{seed}: {history.Rows}",
                $"{seed}: " + await Analytics.ScalarAsync<string>(
                    $"SELECT coalesce(string_agg(id || '=' || coalesce(name, '∅'), ' ' ORDER BY id), '') FROM {table.Target}"));
            // An object that was written again is read again, so there may be more.
            Assert.True(merged >= streamed, $"{seed}: {streamed} rows were written, and {merged} were merged");
        }
    }
}
