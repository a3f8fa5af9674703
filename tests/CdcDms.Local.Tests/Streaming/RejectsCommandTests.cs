using System.Text;
using System.Text.Json.Nodes;
using CdcDms.Contract.Lake;
using CdcDms.Local.Services;
using CdcDms.Local.Streaming;
using CdcDms.Local.Tests.Commands;
using CdcDms.Pipeline.Transcoding;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Streaming;

/// <summary>The messages of a stream that could not be understood: shown, and put into it again.</summary>
public sealed class RejectsCommandTests(TestServers servers) : IAsyncLifetime
{
    private const string Stream = "cdcdms-shop-stream-g1-0123456789ab";

    private static readonly string[] Messages =
    [
        "poison",
        """
        {"data":{"id":1},"metadata":{"timestamp":"2026-11-28T10:00:00Z","record-type":"data","operation":"load","schema-name":"public",
        "table-name":"people"}}
        """,
    ];

    private LakeUri _lake = null!;
    private EmbeddedKinesis _kinesis = null!;
    private StreamCalls _stream = null!;

    private string File => _lake.Key("g001/public/people/LOAD00000001.parquet");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _lake = await servers.CreateLakeAsync();
        await servers.S3.PutObjectAsync(new() { BucketName = _lake.Bucket, Key = File, ContentBody = "a table's file" }, Cancellation);
        _kinesis = await EmbeddedKinesis.StartAsync(Cancellation);
        _stream = new StreamCalls(_kinesis.Endpoint, Stream);
        await _stream.CreateAsync(1, Cancellation);
    }

    public ValueTask DisposeAsync() => _kinesis.DisposeAsync();

    [Fact]
    public async Task A_prefix_without_change_files_is_told_and_a_stream_on_AWS_for_a_lake_that_is_not_is_refused()
    {
        using var wrong = CommandLine.Start(servers, ["rejects", "list", "--lake", $"{_lake}/other", .. Lake()[2..]]);
        var nowhere = await wrong.EndAsync();
        using var command = CommandLine.Start(
            servers, new Dictionary<string, string?> { ["AWS_REGION"] = StreamCalls.Region, ["AWS_ENDPOINT_URL_KINESIS"] = null },
            ["rejects", "replay", .. Lake(), "--stream", Stream]);
        var elsewhere = await command.EndAsync();

        Assert.Contains("look whether bucket and prefix are the lake's", nowhere.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Equal(2, elsewhere.ExitCode);
        Assert.Contains("the stream would be on AWS: set AWS_ENDPOINT_URL_KINESIS", elsewhere.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lake_without_rejected_messages_is_told_as_that()
    {
        var (exitCode, output, errors) = await RunAsync("list");

        Assert.Equal(
            (0, $"The lake {_lake} keeps no message that could not be understood.", ""), (exitCode, output.Trim(), errors));
    }

    [Fact]
    public async Task List_shows_the_reasons_and_no_values_and_show_the_messages()
    {
        await RejectAsync();

        var (exitCode, output, errors) = await RunAsync("list", "--json");
        var rejects = JsonNode.Parse(output)!["rejects"]!.AsArray();
        var key = rejects[0]!["key"]!.GetValue<string>();
        var shown = await RunAsync("show", key);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Equal([1, 1], rejects.Select(one => one!["messages"]!.GetValue<int>()));
        Assert.Contains(
            rejects, one => one!["reason"]!.GetValue<string>().StartsWith("its table is not defined", StringComparison.Ordinal));
        Assert.DoesNotContain("poison", output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (shown.ExitCode, shown.Errors));
        Assert.Equal(["poison", Messages[1].Replace("\n", "\\n", StringComparison.Ordinal)], shown.Output.Trim().Split('\n'));
    }

    [Fact]
    public async Task Replay_puts_them_into_the_stream_as_they_were_and_removes_their_object()
    {
        await RejectAsync();

        var (exitCode, output, errors) = await RunAsync("replay", "--stream", Stream);

        Assert.Equal((0, "2 messages of 1 object put into the stream again.", ""), (exitCode, output.Trim(), errors));
        Assert.Equal(Messages, (await ReadAsync()).Order());
        Assert.Contains("keeps no message", (await RunAsync("list")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_put_keeps_its_object()
    {
        await RejectAsync();

        var (exitCode, _, errors) = await RunAsync("replay", "--stream", "another-stream-g1");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("A message was not put into the stream another-stream-g1 (", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("keeps no message", (await RunAsync("list")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_that_is_not_there_and_a_region_that_is_not_known_are_told()
    {
        var missing = await RunAsync("show", _lake.RejectsPrefix(1) + "nothing.ndjson");
        var named = await RunAsync("show", "some/folder/nothing.ndjson");
        using var command = CommandLine.Start(
            servers, new Dictionary<string, string?> { ["AWS_REGION"] = "", ["AWS_ENDPOINT_URL_KINESIS"] = _kinesis.Endpoint.ToString() },
            ["rejects", "replay", .. Lake(), "--stream", Stream]);
        var lost = await command.EndAsync();

        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("/g001/nothing.ndjson was not read: ", missing.Errors, StringComparison.Ordinal);
        Assert.Equal(2, named.ExitCode);
        Assert.Contains("name one by the key that rejects list shows", named.Errors, StringComparison.Ordinal);
        Assert.Equal((2, $"The region of the stream {Stream} is not known: set AWS_REGION."), (lost.ExitCode, lost.Errors.Trim()));
    }

    [Fact]
    public async Task Messages_of_an_older_generation_are_not_put_above_what_the_newer_one_has_loaded()
    {
        await RejectAsync();
        var key = JsonNode.Parse((await RunAsync("list", "--json")).Output)!["rejects"]![0]!["key"]!.GetValue<string>();

        var all = await RunAsync("replay", "--stream", Stream, "--generation", "2");
        var named = await RunAsync("replay", "--stream", "cdcdms-shop-stream-g2", key);
        var untold = await RunAsync("replay", "--stream", "changes");

        Assert.Equal(
            (0, "0 messages of 0 objects put into the stream again. 1 object of other generations than 2 left alone."),
            (all.ExitCode, all.Output.Trim()));
        Assert.Equal(2, named.ExitCode);
        Assert.Contains("are of generation 1, and the stream is of 2, whose rows are newer", named.Errors, StringComparison.Ordinal);
        Assert.Equal(2, untold.ExitCode);
        Assert.Contains("The name of the stream changes does not tell", untold.Errors, StringComparison.Ordinal);
        Assert.Empty(await ReadAsync());
    }

    [Fact]
    public async Task Drop_removes_the_objects_that_are_named_or_those_of_a_generation_and_no_other_object()
    {
        await RejectAsync();
        var key = JsonNode.Parse((await RunAsync("list", "--json")).Output)!["rejects"]![0]!["key"]!.GetValue<string>();

        var nothing = await RunAsync("drop");
        var other = await RunAsync("drop", File);
        var older = await RunAsync("drop", "--generation", "2");
        var dropped = await RunAsync("drop", key);

        Assert.Equal((2, 2, 0), (nothing.ExitCode, other.ExitCode, older.ExitCode));
        Assert.Equal("0 objects removed.", older.Output.Trim());
        Assert.Equal((0, "1 object removed."), (dropped.ExitCode, dropped.Output.Trim()));
        Assert.Contains("keeps no message", (await RunAsync("list")).Output, StringComparison.Ordinal);
        Assert.Equal(14, (await servers.S3.GetObjectMetadataAsync(_lake.Bucket, File, Cancellation)).ContentLength);
    }

    private string[] Lake() => ["--lake", _lake.ToString(), "--s3-endpoint", servers.S3Server.Endpoint.ToString()];

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(string verb, params string[] arguments)
    {
        var variables = new Dictionary<string, string?>
        {
            ["AWS_REGION"] = StreamCalls.Region,
            ["AWS_ENDPOINT_URL_KINESIS"] = _kinesis.Endpoint.ToString(),
        };
        using var command = CommandLine.Start(servers, variables, ["rejects", verb, .. Lake(), .. arguments]);
        return await command.EndAsync();
    }

    private async Task RejectAsync()
    {
        List<StreamRecord> records = [.. Messages.Select((message, at) => new StreamRecord($"{at + 1}", Encoding.UTF8.GetBytes(message)))];
        var range = ShardRange.Of("shardId-000000000000", "1", "2", new DateTime(2026, 11, 28, 10, 0, 0, DateTimeKind.Utc));
        var output = await new Transcoder(servers.S3, _lake, 1, DefinedTables.Of([]), new NoShards())
            .RunAsync(new StreamBatch(range, records), Cancellation);
        Assert.Equal(2, output.Rejected);
    }

    private async Task<IReadOnlyList<string>> ReadAsync()
    {
        var shard = Assert.Single(await _stream.ShardsAsync(Cancellation));
        var page = await _stream.ReadAsync(await _stream.FirstAsync(shard.ShardId, Cancellation), 10, Cancellation);
        return [.. page.Records.Select(record => Encoding.UTF8.GetString(record.Data))];
    }

    private sealed class NoShards : IShards
    {
        public Task<IReadOnlyList<OpenShard>> OpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string> PutAsync(UInt128 hashKey, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
