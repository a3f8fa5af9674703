using System.Text;
using System.Text.Json.Nodes;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>What is no message that can be understood is kept whole, and the rest goes on.</summary>
public sealed class PoisonTests(TestServers servers) : StreamFixture(servers)
{
    private static readonly TableDefinition Pictures = People with
    {
        Columns = [.. People.Columns!, new() { From = "picture", To = "picture", Type = "bytea" }],
    };

    private static readonly string Good = Messages.Change("insert", 1, "\"id\":1,\"name\":\"ada lovelace\"");

    public static TheoryData<string, string> Poisons => new()
    {
        { "", "it is no JSON text, or more than one" },
        { "not JSON", "it is no JSON text, or more than one" },
        { "[1]", "it is no JSON object" },
        { Good[..^1], "it is no JSON text, or more than one" },
        { Good + Good, "it is no JSON text, or more than one" },
        { "\uFEFF" + Good, "it is no JSON text, or more than one" },
        { Good.Replace("lovelace", "\\ud83d", StringComparison.Ordinal), "it is no JSON text, or more than one" },
        { """{"unknown":"foo:bar"}""", "it has no metadata" },
        { """{"control":{},"metadata":{"operation":"insert"}}""", "its metadata name no table" },
        { """{"control":{},"metadata":{"operation":"FOOBAR","schema-name":"public","table-name":"foo"}}""", "record-type is neither" },
        { Messages.Control("vacuum-table"), "its operation is none of those that DMS has for tables" },
        { Good.Replace("insert", "upsert", StringComparison.Ordinal), "its operation is none of load, insert, update and delete" },
        { Good.Replace("commit-timestamp", "commit-time", StringComparison.Ordinal), "IncludeTransactionDetails" },
        { Good.Replace("2026-11-28T10:00:00.123456Z", "2026-11-31T10:00:00Z", StringComparison.Ordinal), "commit-timestamp is no time" },
        { Good.Replace("00.123456Z", "00..5Z", StringComparison.Ordinal), "commit-timestamp is no time" },
        { Good.Replace("00.123456Z", "00.Z", StringComparison.Ordinal), "commit-timestamp is no time" },
        { Good.Replace("\"data\":", "\"date\":", StringComparison.Ordinal), "it has no data" },
        { Good.Replace("\"people\"", "\"others\"", StringComparison.Ordinal), "its table is not defined" },
        { Messages.Change("insert", 1, "\"id\":1,\"id\":2"), "it has a column id twice" },
        { Messages.Change("insert", 1, "\"id\":1,\"ID\":2"), "it has a column" },
        { Messages.Change("insert", 1, "\"id\":1,\"Op\":\"x\""), "it has a column Op, whose name the pipeline needs" },
        { Messages.Change("insert", 1, "\"id\":1,\"a\\u0000b\":2"), "a name with a character U+0000" },
        { Messages.Change("insert", 1, "\"id\":1,\"picture\":\"0x8\""), "its column picture holds bytes" },
        { Messages.Change("insert", 1, "\"id\":1,\"picture\":\"\\\\x80\""), "its column picture holds bytes" },
        { Messages.Load(""), "its data has no column" },
        { Messages.Change("insert", 1, "\"id\":1,\"\":2"), "it has a column without a name, or more than 1600" },
        { Messages.Change("insert", 1, string.Join(',', Enumerable.Range(0, 1601).Select(at => $"\"c{at}\":1"))), "or more than 1600" },
        { Partly("\"shard_list\":null"), "it is a marker that tells a shard" },
        { Partly("\"shard\":\"shardId-000000000000\",\"shards\":1"), "it is a marker that tells a shard" },
    };

    private static string Partly(string members) =>
        Messages.Marker(1, 1).Replace("\"number\"", members + ",\"number\"", StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Poisons))]
    public async Task A_record_that_cannot_be_understood_is_kept_whole_and_the_rest_goes_on(string poison, string reason)
    {
        var bytes = Encoding.UTF8.GetBytes(poison);
        await AssertKeptAsync(bytes, reason);
    }

    [Fact]
    public async Task A_record_that_is_no_UTF8_is_kept_whole() => await AssertKeptAsync([0x7B, 0xFF, 0x7D], "it is no UTF-8");

    [Fact]
    public async Task A_message_on_several_lines_with_a_line_end_and_members_in_any_order_is_a_message()
    {
        var pretty = JsonNode.Parse(Good)!.AsObject();
        var turned = new JsonObject(pretty.Reverse().Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));

        var output = await StreamAsync(
            People, turned.ToJsonString(new() { WriteIndented = true, IndentCharacter = '\t' }) + "\r\n", Good + "\n");

        Assert.Equal((2, 2, 1, 0), (output.Read, output.Rows, output.Files, output.Rejected));
    }

    private async Task AssertKeptAsync(byte[] poison, string reason)
    {
        var good = Encoding.UTF8.GetBytes(Good);
        var batch = Next(good, poison, good);

        var output = await TranscodeAsync(batch, Pictures);

        Assert.Equal((3, 2, 1, 1), (output.Read, output.Rows, output.Rejected, output.Files));
        Assert.Contains("/_cdcdms/stream/rejects/g001/2026/11/28/000000000000-", output.Rejects, StringComparison.Ordinal);
        var kept = JsonNode.Parse(await Lake.BytesAsync(output.Rejects!))!;
        Assert.Equal(batch.Records[1].SequenceNumber, (string?)kept["sequenceNumber"]);
        Assert.Equal(poison, Convert.FromBase64String((string)kept["data"]!));
        Assert.Contains(reason, (string?)kept["reason"], StringComparison.Ordinal);
        Assert.DoesNotContain("lovelace", (string?)kept["reason"], StringComparison.Ordinal);
    }
}
