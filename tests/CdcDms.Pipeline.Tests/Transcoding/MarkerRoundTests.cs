using System.Text;
using System.Text.Json.Nodes;
using CdcDms.Pipeline.Tests.Model;
using CdcDms.Pipeline.Transcoding;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>A marker comes out of a stream last of all that was committed before it.</summary>
public sealed class MarkerRoundTests(TestServers servers) : StreamFixture(servers)
{
    private const int Streams = 10;

    [Fact]
    public async Task A_marker_is_a_row_only_when_all_that_was_put_before_it_is_in_the_lake()
    {
        for (var seed = 1; seed <= Streams; seed++)
            await RunAsync(seed);
    }

    [Fact]
    public async Task A_marker_of_DMS_is_passed_on_and_counted_and_is_a_row_when_it_has_no_shard_left()
    {
        var passed = await StreamAsync(People, Messages.Marker(1, 1));
        var returned = Encoding.UTF8.GetString(Stream.Open[0].Records.Single().Data.Span);
        var ended = await StreamAsync(People, returned);

        Assert.Equal((1, 0, 1, 0), (passed.Read, passed.Rows, passed.Passed, passed.Files));
        Assert.Equal((1, 1, 0, 1), (ended.Read, ended.Rows, ended.Passed, ended.Files));
        var (before, after) = (JsonNode.Parse(Messages.Marker(1, 1))!.AsObject(), JsonNode.Parse(returned)!.AsObject());
        Assert.Equal("[]", after["cdcdms-round"]!.ToJsonString());
        after.Remove("cdcdms-round");
        Assert.Equal(before.ToJsonString(), after.ToJsonString());
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("update")]
    public async Task Only_a_new_marker_goes_round(string operation)
    {
        var output = await StreamAsync(People, Messages.Marker(1, 1, operation));

        Assert.Equal((1, 0), (output.Rows, output.Passed));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("[7]")]
    [InlineData("[\"a\"]")]
    [InlineData("[[]]")]
    public async Task A_round_that_is_no_list_of_hash_keys_is_rejected(string round)
    {
        var output = await StreamAsync(People, Messages.Marker(1, 1)[..^1] + $",\"cdcdms-round\":{round}}}");

        Assert.Equal((1, 0, 0), (output.Rejected, output.Rows, output.Passed));
    }

    private async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        var tape = new Tape([.. Enumerable.Range(0, 5000).Select(_ => random.Next(1 << 16))]);
        var stream = new SimulatedStream();
        var transcoder = new Transcoder(Servers.S3, Lake.Uri, Lake.Generation, DefinedTables.Of([People]), stream);
        var (put, marked, inLake, ended) = (0, new List<int>(), new HashSet<int>(), new HashSet<int>());
        for (var step = 0; step < 150 || stream.Readable.Count > 0; step++)
        {
            switch (step < 150 ? tape.Next(10) : 9)
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
                    break;
            }
        }

        Assert.Equal(put, inLake.Count);
        Assert.Equal($"{seed}: {marked.Count}", $"{seed}: {ended.Count}");

        UInt128 Key() => ((UInt128)(uint)tape.Next(1 << 16) << 112) + (uint)put;

        async Task ReadAsync(SimulatedShard shard)
        {
            var records = shard.Records.Skip(shard.Read).Take(1 + tape.Next(6)).ToList();
            if (tape.OnceIn(6))
                stream.Faults.Enqueue(new CdcDmsException(ErrorKind.Unavailable, "Kinesis is away."));
            try
            {
                await transcoder.RunAsync(BatchOf(shard.Id, records), TestContext.Current.CancellationToken);
                shard.Read += records.Count;
            }
            catch (CdcDmsException)
            {
                // Lambda gives the batch again.
            }

            stream.Faults.Clear();
            foreach (var message in records.Select(record => JsonNode.Parse(record.Data.Span)!))
                if (message["data"]!["number"]?.GetValue<int>() is not { } number)
                    inLake.Add(message["data"]!["id"]!.GetValue<int>());
                else if (message["cdcdms-round"] is JsonArray { Count: 0 } && ended.Add(number))
                    Assert.True(
                        Enumerable.Range(1, marked[number - 1]).All(inLake.Contains),
                        $"{seed}: marker {number} was a row before all of {marked[number - 1]} changes");
        }
    }
}
