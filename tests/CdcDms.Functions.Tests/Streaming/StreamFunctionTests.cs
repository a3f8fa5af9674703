using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CdcDms.Functions.Tests.Streaming;

/// <summary>The built bundle gets events of a Kinesis stream, as Lambda writes them.</summary>
public sealed class StreamFunctionTests(TestServers servers) : IAsyncLifetime
{
    private static readonly IReadOnlyList<TableDefinition> Tables =
    [
        new()
        {
            Schema = "public",
            Name = "people",
            Target = "analytics.people",
            Key = ["id"],
            Columns = [new() { From = "id", To = "id", Type = "integer" }, new() { From = "name", To = "name", Type = "text" }],
        },
    ];

    private readonly string _tables = Path.GetTempFileName();
    private TestLake _lake = null!;

    public async ValueTask InitializeAsync()
    {
        _lake = await TestLake.CreateAsync(servers);
        await File.WriteAllTextAsync(_tables, JsonSerializer.Serialize(Tables, ContractJson.Default.IReadOnlyListTableDefinition));
    }

    public ValueTask DisposeAsync()
    {
        _lake.Dispose();
        File.Delete(_tables);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_event_becomes_change_files_and_a_line_of_the_log_with_its_counts()
    {
        await using var process = Start();

        var report = await process.InvokeAsync(Event(Load(1, "ada"), Load(2, "bob"), "poison"));

        Assert.True(report.ErrorType is null, report.Body);
        var output = JsonSerializer.Deserialize(report.Body, ContractJson.Default.StreamOutput)!;
        Assert.Equal((3, 2, 1, 1), (output.Read, output.Rows, output.Rejected, output.Files));
        var keys = await _lake.Reader.ListAsync(_lake.Uri.Key("g007/public/people/"), null, TestContext.Current.CancellationToken)
            .Select(found => found.Key).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Contains("/SHARD000000000006x4959x4961x", Assert.Single(keys), StringComparison.Ordinal);
        Assert.Equal("ada bob", await _lake.AskAsync(keys[0], "SELECT string_agg(name, ' ' ORDER BY id) FROM read_parquet({0})"));
        var line = JsonNode.Parse(Assert.Single(await process.LogAsync(), line => line.Contains("\"stream\"", StringComparison.Ordinal)))!;
        Assert.Equal((3, 1), ((int)line["StreamRead"]!, (int)line["StreamRejected"]!));
        Assert.Equal(output.Rejects, (string?)line["Rejects"]);
        Assert.DoesNotContain("ada", line.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CDCDMS_LAKE", "", "BadDefinition", "lacks its setting CDCDMS_LAKE")]
    [InlineData("CDCDMS_TABLES", "", "Unavailable", "does not have CDCDMS_TABLES: deploy")]
    [InlineData("CDCDMS_TABLES", "nowhere.json", "Unavailable", "The list of deployed tables nowhere.json cannot be read")]
    [InlineData("CDCDMS_GENERATION", "1000", "BadDefinition", "CDCDMS_GENERATION is '1000'")]
    [InlineData("CDCDMS_GENERATION", "0", "BadDefinition", "CDCDMS_GENERATION is '0'")]
    public async Task A_wrong_setting_is_told_and_nothing_is_taken_from_the_stream(string name, string value, string kind, string sentence)
    {
        await using var process = Start((name, value));

        var report = await process.InvokeAsync(Event(Load(1, "ada")));

        Assert.Equal(kind, report.ErrorType);
        Assert.Contains(sentence, report.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_input_that_is_no_event_of_one_shard_is_refused()
    {
        await using var process = Start();
        var twoShards = Event(Load(1, "ada"), Load(2, "bob")).Replace("shardId-000000000006:4960", "shardId-000000000007:4960",
            StringComparison.Ordinal);

        List<string> refused = [];
        foreach (var input in new[] { "{}", "null", """{"Records":[]}""", twoShards })
            refused.Add((await process.InvokeAsync(input)).Body);

        Assert.All(refused, body => Assert.Contains("The input of stream is wrong: ", body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_marker_is_put_again_into_a_shard_that_is_full_while_the_batch_waits()
    {
        var puts = 0;
        using var kinesis = new HttpStandIn(request => request.Headers["x-amz-target"].Split('.')[1] switch
        {
            "ListShards" => (200, """
                {"Shards":[{"ShardId":"shardId-000000000006","SequenceNumberRange":{"StartingSequenceNumber":"1"},
                "HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"340282366920938463463374607431768211455"}}]}
                """),
            _ when ++puts < 3 => (400, """{"__type":"ProvisionedThroughputExceededException","message":"Rate exceeded for shard"}"""),
            _ => (200, """{"ShardId":"shardId-000000000006","SequenceNumber":"7"}"""),
        });
        await using var process = Start(("AWS_ENDPOINT_URL_KINESIS", kinesis.Url.ToString()), ("AWS_REGION", "us-east-2"));

        var report = await process.InvokeAsync(Event(Load(1, "ada"), Marker));

        Assert.True(report.ErrorType is null, report.Body);
        Assert.Equal(3, puts);
        Assert.Equal(1, JsonSerializer.Deserialize(report.Body, ContractJson.Default.StreamOutput)!.Passed);
    }

    private const string Marker = """
        {"data":{"id":"0190a6f0-0000-7000-8000-000000000001","number":1,"interval_seconds":60,"written_at":"2026-11-28T10:00:00Z",
        "cdc_change_seq":"20261128100000000000000000000000001"},"metadata":{"timestamp":"2026-11-28T10:00:01Z","record-type":"data",
        "operation":"insert","schema-name":"cdcdms","table-name":"marker","commit-timestamp":"2026-11-28T10:00:00Z"}}
        """;

    private static string Load(int id, string name) => $$$"""
        {"data":{"id":{{{id}}},"name":"{{{name}}}"},"metadata":{"timestamp":"2026-11-28T10:00:00Z","record-type":"data","operation":"load",
        "schema-name":"public","table-name":"people"}}
        """;

    // With the members that AWS documents (Using Lambda to process records from Amazon Kinesis Data Streams).
    private static string Event(params string[] messages) => new JsonObject
    {
        ["Records"] = new JsonArray([.. messages.Select((message, at) => new JsonObject
        {
            ["kinesis"] = new JsonObject
            {
                ["kinesisSchemaVersion"] = "1.0",
                ["partitionKey"] = "public.people.1",
                ["sequenceNumber"] = $"{4959 + at}",
                ["data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(message)),
                ["approximateArrivalTimestamp"] = 1545084650.987,
            },
            ["eventSource"] = "aws:kinesis",
            ["eventVersion"] = "1.0",
            ["eventID"] = $"shardId-000000000006:{4959 + at}",
            ["eventName"] = "aws:kinesis:record",
            ["invokeIdentityArn"] = "arn:aws:iam::123456789012:role/lambda-role",
            ["awsRegion"] = "us-east-2",
            ["eventSourceARN"] = "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream",
        })]),
    }.ToJsonString();

    private BundleProcess Start(params (string, string)[] environment) => new(
        "stream",
        [
            ("CDCDMS_LAKE", _lake.Uri.ToString()),
            ("CDCDMS_GENERATION", "7"),
            ("CDCDMS_TABLES", _tables),
            ("CDCDMS_S3_ENDPOINT", servers.S3Server.Endpoint.AbsoluteUri),
            ("AWS_ACCESS_KEY_ID", servers.S3Server.AccessKeyId),
            ("AWS_SECRET_ACCESS_KEY", servers.S3Server.SecretAccessKey),
            .. environment,
        ]);
}
