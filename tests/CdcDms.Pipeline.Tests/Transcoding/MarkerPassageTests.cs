using System.Text;
using System.Text.Json.Nodes;
using CdcDms.Pipeline.Tests.Model;
using CdcDms.Pipeline.Transcoding;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>A marker comes out of a stream last of all that was committed before it.</summary>
public sealed class MarkerPassageTests(TestServers servers) : StreamFixture(servers)
{
    private const int Streams = 5;
    private const int Steps = 150;

    [Fact]
    public async Task A_marker_has_come_only_when_all_that_was_put_before_it_is_in_the_lake()
    {
        for (var seed = 1; seed <= Streams; seed++)
            await RunAsync(seed);
    }

    [Fact]
    public async Task A_marker_of_DMS_is_passed_to_every_shard_and_its_passages_are_rows()
    {
        Stream.Split(Stream.Open[0]);
        var passed = await StreamAsync(People, Messages.Marker(1, 1));
        List<string> messages = [.. Stream.Open.Select(shard => Encoding.UTF8.GetString(shard.Records.Single().Data.Span))];
        Assert.Equal((1, 0, 1, 0), (passed.Read, passed.Rows, passed.Passed, passed.Files));
        foreach (var shard in Stream.Open)
            Assert.Equal((1, 0, 1), await ReadAsync(shard) is var came ? (came.Rows, came.Passed, came.Files) : default);
        var (before, after) = (Row(Messages.Marker(1, 1)), Row(messages[1]));
        Assert.Equal("shardId-000000000002 2", $"{after["shard"]} {after["shards"]}");
        Assert.Equal(Row(messages[0])["shard_list"]!.GetValue<string>(), after["shard_list"]!.GetValue<string>());
        foreach (var own in (string[])["shard", "shards", "shard_list"])
            Assert.True(after.Remove(own));
        Assert.True(JsonNode.DeepEquals(before, after), after.ToJsonString());
    }

    [Fact]
    public async Task A_marker_has_come_with_the_last_of_its_passages()
    {
        Stream.Split(Stream.Open[0]);
        await StreamAsync(People, Messages.Marker(1, 1));
        await ReadAsync(Stream.Open[0]);
        await MarkersAsync();
        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM cdc.markers");
        Assert.Null(await NewestInLakeAsync());

        await Analytics.ExecuteAsync("UPDATE cdc.marker_passages SET stored_at = committed_at - interval '1 hour'");
        await ReadAsync(Stream.Open[1]);
        await MarkersAsync();

        await AssertAnswerAsync(
            true, "SELECT stored_at > committed_at FROM cdc.markers WHERE number = 1");
        Assert.Equal(1, (await NewestInLakeAsync())?.Number);
    }

    [Fact]
    public async Task Of_markers_of_a_stream_the_newest_in_the_lake_is_one_that_has_passed_every_shard()
    {
        Stream.Split(Stream.Open[0]);
        for (var number = 1; number <= 3; number++)
            await StreamAsync(People, Messages.Marker(number, number));
        await ReadAsync(Stream.Open[0]);
        await ReadAsync(Stream.Open[1], most: 2);

        Assert.Equal(2, (await NewestInLakeAsync())?.Number);
    }

    [Fact]
    public async Task A_passage_is_in_the_lake_after_all_that_was_read_with_it()
    {
        await StreamAsync(People, Messages.Marker(1, 1));
        var (change, passage) = (Messages.Change("insert", 1, "\"id\":1"), Stream.Open[0].Records.Single().Data.ToArray());
        var batch = Next(Encoding.UTF8.GetBytes(change), passage, Encoding.UTF8.GetBytes("no message"));
        using var dying = new DyingS3(Servers.S3Server, 2);

        await Assert.ThrowsAsync<CdcDmsException>(
            () => TranscoderOf(dying, People).RunAsync(batch, TestContext.Current.CancellationToken));

        Assert.DoesNotContain(await ObjectsAsync(), one => one.Key.Contains("cdcdms/marker", StringComparison.Ordinal));
        Assert.Equal(2, (await ObjectsAsync()).Count);
    }

    [Fact]
    public async Task Passages_through_the_shards_of_two_lists_say_nothing_together()
    {
        Stream.Split(Stream.Open[0]);
        await StreamAsync(People, Messages.Marker(1, 1));
        var left = Stream.Open[0];
        Stream.Split(Stream.Open[1]);
        Stream.Merge(Stream.Open[0]);
        await StreamAsync(People, Messages.Marker(1, 1));
        var right = Stream.Open[^1];

        Assert.NotEqual(ListOf(left), ListOf(right));
        Assert.Equal((1, 1), ((await ReadAsync(left)).Rows, (await ReadAsync(right)).Rows));
        await MarkersAsync();

        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM cdc.markers");
    }

    [Fact]
    public async Task A_marker_that_passed_all_shards_twice_keeps_the_first_time_and_every_version()
    {
        await StreamAsync(People, Messages.Marker(1, 5));
        await ReadAsync(Stream.Open[0]);
        await MarkersAsync();
        await Analytics.ExecuteAsync("UPDATE cdc.markers SET stored_at = '2026-11-28'");
        Stream.Split(Stream.Open[0]);
        await StreamAsync(People, Messages.Marker(1, 9), Messages.Marker(1, 2));
        foreach (var shard in Stream.Open)
            await ReadAsync(shard);
        await MarkersAsync();

        await AssertAnswerAsync(
            "2 9 t", "SELECT format('%s %s %s', lowest_version % 1000, highest_version % 1000, stored_at = '2026-11-28') FROM cdc.markers");
    }

    [Fact]
    public async Task A_marker_that_comes_under_two_numbers_is_one_and_stops_nothing()
    {
        var marker = Messages.Marker(1, 5);
        await StreamAsync(People, marker, marker.Replace("\"number\":1", "\"number\":2", StringComparison.Ordinal));
        await ReadAsync(Stream.Open[0]);

        await MarkersAsync();

        await AssertAnswerAsync<long>(1, "SELECT sum(number)::bigint FROM cdc.markers");
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("update")]
    public async Task Only_a_new_marker_is_passed_on(string operation)
    {
        var output = await StreamAsync(People, Messages.Marker(1, 1, operation));

        Assert.Equal((1, 0), (output.Rows, output.Passed));
    }

    private Task<StreamOutput> ReadAsync(SimulatedShard shard, int most = int.MaxValue) =>
        TranscodeAsync(BatchOf(shard.Id, [.. shard.Records.Take(most)]), People);

    private static string ListOf(SimulatedShard shard) =>
        Row(Encoding.UTF8.GetString(shard.Records.Single().Data.Span))["shard_list"]!.GetValue<string>();

    private static JsonObject Row(string message) => JsonNode.Parse(message)!["data"]!.AsObject();

    // Each stream is a generation of its own, so that its markers are.
    private async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        var tape = new Tape([.. Enumerable.Range(0, 5000).Select(_ => random.Next(1 << 16))]);
        var stream = new SimulatedStream();
        Lake.Generation = seed;
        var transcoder = new Transcoder(Servers.S3, Lake.Uri, Lake.Generation, DefinedTables.Of([People]), stream, StreamClock);
        var (put, marked, inLake, come) = (0, new List<int>(), new HashSet<int>(), 0);
        var lists = new List<IReadOnlyList<OpenShard>>();
        for (var step = 0; step < Steps || stream.Readable.Count > 0; step++)
        {
            lists.Add(stream.List);
            switch (step < Steps ? tape.Next(10) : 9)
            {
                case < 4:
                    stream.Put(Key(), Messages.Change("insert", ++put, $"\"id\":{put},\"name\":null"));
                    break;
                case 4:
                    marked.Add(put);
                    stream.Put(Key(), Messages.Marker(marked.Count, 1_000_000 + marked.Count));
                    break;
                case 5 when tape.OnceIn(2) && stream.Open.Count < 8:
                    stream.Split(stream.Open[tape.Next(stream.Open.Count)]);
                    break;
                case 6 when tape.OnceIn(2):
                    stream.Merge(stream.Open[tape.Next(stream.Open.Count)]);
                    break;
                default:
                    if (stream.Readable is { Count: > 0 } readable)
                        await ReadAsync(readable[tape.Next(readable.Count)]);
                    if (tape.OnceIn(4))
                        await LookAsync();
                    break;
            }
        }

        await LookAsync();
        Assert.Equal((seed, put, marked.Count), (seed, inLake.Count, come));

        UInt128 Key() => ((UInt128)(uint)tape.Next(1 << 16) << 112) + (uint)put;

        async Task ReadAsync(SimulatedShard shard)
        {
            var records = shard.Records.Skip(shard.Read).Take(1 + tape.Next(6)).ToList();
            if (tape.OnceIn(3))
                stream.FailAfter(tape.Next(6));
            stream.Listed = tape.OnceIn(3) ? lists[tape.Next(lists.Count)] : null;
            try
            {
                await transcoder.RunAsync(BatchOf(shard.Id, records), TestContext.Current.CancellationToken);
                shard.Read += records.Count;
            }
            catch (CdcDmsException)
            {
                // Kinesis failed after all uploads, or has told an old list, and Lambda gives the batch again.
            }

            inLake.UnionWith(records.Select(record => Row(Encoding.UTF8.GetString(record.Data.Span)))
                .Where(row => row.ContainsKey("name")).Select(row => row["id"]!.GetValue<int>()));
            stream.Faults.Clear();
        }

        async Task LookAsync()
        {
            await MarkersAsync();
            var numbers = await Analytics.ScalarAsync<bool>("SELECT to_regclass('cdc.markers') IS NULL") ? [] : await Analytics
                .ScalarAsync<long[]>($"SELECT coalesce(array_agg(number), '{{}}') FROM cdc.markers WHERE generation = {seed}");
            foreach (var number in numbers!)
                Assert.True(
                    Enumerable.Range(1, marked[(int)number - 1]).All(inLake.Contains),
                    $"{seed}: marker {number} had come before all of {marked[(int)number - 1]} changes");
            come = numbers.Length;
        }
    }
}
