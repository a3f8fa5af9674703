using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using CdcDms.Local.LambdaHost;
using CdcDms.Local.Services;
using CdcDms.Local.Streaming;
using CdcDms.Local.Tests.Remote;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.Tests.Streaming;

/// <summary>What a function gets of a stream, and when.</summary>
public sealed class EventSourceMappingTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<(string Shard, string[] Records, bool Taken)> _calls = [];
    private readonly CancellationTokenSource _ends = new();
    private EmbeddedKinesis _kinesis = null!;
    private WebApplication _lambda = null!;
    private StreamCalls _stream = null!;
    private Task _runs = Task.CompletedTask;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _kinesis = await EmbeddedKinesis.StartAsync(Cancellation);
        _stream = new StreamCalls(_kinesis.Endpoint, "changes");
        _lambda = LoopbackWeb.Create();
    }

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        await _runs.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _lambda.DisposeAsync();
        await _kinesis.DisposeAsync();
        _ends.Dispose();
    }

    [Fact]
    public async Task A_batch_that_fails_is_given_in_halves_and_the_shard_waits_until_each_record_was_taken()
    {
        var refused = 0;
        await _stream.CreateAsync(1, Cancellation);
        await PutAsync("a", "b", "poison", "d", "e");

        var mapping = await StartAsync(records => !records.Contains("poison") || (records.Length == 1 && ++refused > 2));
        await mapping.DrainAsync(Cancellation);

        Assert.Equal(
            ["abpoisonde", "ab", "poisonde", "poison", "poison", "poison", "de"],
            _calls.Select(call => string.Concat(call.Records)));
    }

    [Fact]
    public async Task All_records_of_a_shard_come_before_those_of_the_shards_that_it_was_split_into()
    {
        await _stream.CreateAsync(1, Cancellation);
        await PutAsync("before");
        await _stream.SplitAsync(Assert.Single(await _stream.ShardsAsync(Cancellation)), Cancellation);
        await PutAsync([.. Enumerable.Range(0, 20).Select(number => $"after {number}")]);
        var refused = 0;

        var mapping = await StartAsync(records => records is not ["before"] || ++refused > 2);
        await mapping.DrainAsync(Cancellation);

        Assert.Equal(3, mapping.Shards);
        Assert.All(_calls.Take(3), call => Assert.Equal(["before"], call.Records));
        Assert.Equal(21, _calls.Where(call => call.Taken).Sum(call => call.Records.Length));
        Assert.Equal(3, _calls.Select(call => call.Shard).Distinct().Count());
    }

    // Kinesis ends an iterator after five minutes, and a batch may fail for longer: here each one is too old at once.
    [Fact]
    public async Task A_shard_is_read_on_behind_its_last_record_when_the_iterator_is_too_old()
    {
        await using var kinesis = await AwsStandIn.StartAsync((target, body) => (target.Split('.')[1], JsonNode.Parse(body)!) switch
        {
            ("GetShardIterator", var asked) => (200, "", $$"""{"ShardIterator":"{{asked["StartingSequenceNumber"] ?? "first"}}"}"""),
            (_, var asked) => (string)asked["ShardIterator"]! switch
            {
                "first" => (200, "", Page("7", "a", next: "old")),
                "7" => (200, "", Page("8", "b", next: null)),
                _ => (400, "ExpiredIteratorException", """{"message":"Iterator expired."}"""),
            },
        });
        _stream = new StreamCalls(kinesis.Url, "changes");
        var function = await ServeAsync(_ => true);

        await new ShardReader(_stream, function, TimeSpan.FromSeconds(60), "shardId-000000000000") { IteratorLasts = TimeSpan.Zero }
            .RunAsync(Cancellation);

        Assert.Equal("ab", string.Concat(_calls.SelectMany(call => call.Records)));

        static string Page(string number, string record, string? next) => new JsonObject
        {
            ["Records"] = new JsonArray(new JsonObject
            {
                ["SequenceNumber"] = number,
                ["ApproximateArrivalTimestamp"] = 1545084650.987,
                ["PartitionKey"] = "any",
                ["Data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(record)),
            }),
            ["NextShardIterator"] = next,
        }.ToJsonString();
    }

    [Fact]
    public async Task A_batch_has_no_more_bytes_than_Lambda_passes_on()
    {
        await _stream.CreateAsync(1, Cancellation);
        for (var number = 0; number < 9; number++)
            await PutAsync(new string((char)('a' + number), 700_000));

        var mapping = await StartAsync(_ => true);
        await mapping.DrainAsync(Cancellation);

        Assert.Equal([6, 3], _calls.Select(call => call.Records.Length));
    }

    private async Task<EventSourceMapping> StartAsync(Func<string[], bool> takes)
    {
        var mapping = new EventSourceMapping(_stream, await ServeAsync(takes), TimeSpan.FromMilliseconds(50));
        _runs = mapping.RunAsync(_ends.Token);
        return mapping;
    }

    private async Task<InvokedFunction> ServeAsync(Func<string[], bool> takes)
    {
        _lambda.MapPost("/2015-03-31/functions/reader/invocations", async (HttpContext http) =>
        {
            var given = JsonNode.Parse((await LoopbackWeb.BodyAsync(http)).Span)!["Records"]!.AsArray();
            var records = given.Select(record => Encoding.UTF8.GetString(Convert.FromBase64String((string)record!["kinesis"]!["data"]!)))
                .ToArray();
            var taken = takes(records);
            _calls.Enqueue((((string)given[0]!["eventID"]!).Split(':')[0], records, taken));
            if (!taken)
                http.Response.Headers["X-Amz-Function-Error"] = "Unhandled";
        });
        await _lambda.StartAsync(Cancellation);
        return new InvokedFunction(new Uri(_lambda.Urls.First()), "reader", _stream.Arn, _ => { });
    }

    private async Task PutAsync(params string[] records)
    {
        var entries = records.Select(record => new PutEntry(record[..Math.Min(record.Length, 99)], Encoding.UTF8.GetBytes(record)));
        Assert.Empty(await _stream.PutAsync([.. entries], Cancellation));
    }
}
