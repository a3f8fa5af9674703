using System.Text.Json.Nodes;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

/// <summary>The route from DMS through a stream into the lake.</summary>
public class StreamTests
{
    private static TemplateResources Shared => SynthesizedEnvironment.Of("shared").Stack("replication");

    [Fact]
    public void The_stream_is_encrypted_keeps_what_it_was_given_and_outlives_its_stack_and_its_generation()
    {
        var stream = Shared.One("AWS::Kinesis::Stream");

        Assert.Equal(
            ("cdcdms-shared-stream-g1-", "72", "2", """{"StreamMode":"PROVISIONED"}"""),
            (Begin(stream["Name"]), stream.Text("RetentionPeriodHours"), stream.Text("ShardCount"), stream.Text("StreamModeDetails")));
        Assert.Equal("KMS", stream["StreamEncryption"]!["EncryptionType"]!.GetValue<string>());
        Assert.Equal(
            ("RetainExceptOnCreate", "Retain"),
            ($"{stream.Json["DeletionPolicy"]}", $"{stream.Json["UpdateReplacePolicy"]}"));
    }

    [Fact]
    public void Without_shards_the_stream_grows_by_itself_and_where_no_data_is_kept_it_goes_with_its_stack()
    {
        var stream = SynthesizedEnvironment.Of(
            new EnvironmentJson("shared").With("replication.stream", null).With("keepData", false))
            .Stack("replication").One("AWS::Kinesis::Stream");

        Assert.Equal("""{"StreamMode":"ON_DEMAND"}""", stream.Text("StreamModeDetails"));
        Assert.Null(stream["ShardCount"]);
        Assert.Equal(("168", "Delete"), (stream.Text("RetentionPeriodHours"), $"{stream.Json["DeletionPolicy"]}"));
    }

    [Fact]
    public void A_message_holds_what_a_change_file_needs()
    {
        var endpoint = Shared.One("AWS::DMS::Endpoint", "StreamEndpoint");
        var settings = endpoint["KinesisSettings"]!.DeepClone().AsObject();
        settings.Remove("StreamArn");
        settings.Remove("ServiceAccessRoleArn");

        Assert.True(
            JsonNode.DeepEquals(
                new JsonObject
                {
                    ["MessageFormat"] = "json-unformatted",
                    ["IncludeTransactionDetails"] = true,
                    ["IncludeNullAndEmpty"] = true,
                    ["IncludeControlDetails"] = true,
                    ["IncludeTableAlterOperations"] = true,
                    ["IncludePartitionValue"] = false,
                    ["PartitionIncludeSchemaTable"] = true,
                    ["NoHexPrefix"] = false,
                },
                settings),
            settings.ToJsonString());
        Assert.Equal("useLargeIntegerValue=true", endpoint.Text("ExtraConnectionAttributes"));
        Assert.DoesNotContain(Shared.All, resource => resource["S3Settings"] is not null);
    }

    [Fact]
    public void DMS_may_write_into_its_stream_and_do_nothing_else() => Assert.Equal(
        ["kinesis:DescribeStream", "kinesis:PutRecord", "kinesis:PutRecords", "kms:GenerateDataKey"],
        Allowed("StreamRole1").Select(allowed => allowed.Action));

    [Fact]
    public void The_function_may_read_its_stream_and_write_what_it_makes_and_nothing_else()
    {
        var allowed = Allowed("StreamReader1");

        Assert.Equal(
            [
                "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator",
                "kinesis:ListShards", "kinesis:PutRecord", "kms:Decrypt", "kms:GenerateDataKey", "logs:CreateLogStream",
                "logs:PutLogEvents", "s3:ListBucket", "s3:PutObject", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
            ],
            allowed.Select(one => one.Action));
        var stream = Shared.One("AWS::Kinesis::Stream").Id;
        Assert.All(
            allowed.Where(one => one.Action.StartsWith("kinesis:", StringComparison.Ordinal)),
            one => Assert.Equal($$"""{"Fn::GetAtt":["{{stream}}","Arn"]}""", one.Resource));
        var folders = JsonNode.Parse(allowed.Single(one => one.Action == "s3:PutObject").Resource)!.AsArray()
            .Select(arn => $"{arn!["Fn::Join"]![1]!.AsArray()[^1]}");
        Assert.Equal(["/aws/lambda/*", "/cdc/_cdcdms/stream/*", "/cdc/g001/*"], folders.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_batch_is_tried_again_in_halves_until_it_succeeds_and_what_expires_before_is_told()
    {
        var mapping = Shared.One("AWS::Lambda::EventSourceMapping");

        Assert.Equal(
            ("TRIM_HORIZON", "10000", "60", "true", "-1", "-1", "1"),
            (mapping.Text("StartingPosition"), mapping.Text("BatchSize"), mapping.Text("MaximumBatchingWindowInSeconds"),
                mapping.Text("BisectBatchOnFunctionError"), mapping.Text("MaximumRetryAttempts"), mapping.Text("MaximumRecordAgeInSeconds"),
                mapping.Text("ParallelizationFactor")));
        Assert.Contains(
            "cdcdms-shared-lake:ExportsOutputFnGetAttBucket", mapping.Text("DestinationConfig"), StringComparison.Ordinal);
        Assert.Null(mapping["FunctionResponseTypes"]);
        Assert.Contains(mapping.Json["DependsOn"]!.AsArray(), id => $"{id}".Contains("DefaultPolicy", StringComparison.Ordinal));
    }

    [Fact]
    public void The_function_knows_lake_generation_and_tables_and_a_saved_query_shows_its_log()
    {
        var function = Function(Shared);

        var variables = function["Environment"]!["Variables"]!;
        Assert.Equal(
            ("shared", "1", "/opt/tables.json"),
            ($"{variables["CDCDMS_ENVIRONMENT"]}", $"{variables["CDCDMS_GENERATION"]}", $"{variables["CDCDMS_TABLES"]}"));
        Assert.EndsWith("\"/cdc\"]]}", variables["CDCDMS_LAKE"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Single(function["Layers"]!.AsArray());
        Assert.Null(function["VpcConfig"]);
        var query = Assert.Single(Shared.OfType("AWS::Logs::QueryDefinition"), query => query.Text("Name") == "cdcdms-shared/stream");
        Assert.Equal(
            function["LoggingConfig"]!["LogGroup"]!.ToJsonString(), Assert.Single(query["LogGroupNames"]!.AsArray())!.ToJsonString());
    }

    [Fact]
    public void A_new_generation_has_a_stream_a_function_and_rights_of_its_own()
    {
        var second = SynthesizedEnvironment.Of(new EnvironmentJson("shared")
            .With("replication.generation", 2).With("replication.allowReplacementForGeneration", 2)).Stack("replication");

        Assert.Equal("cdcdms-shared-stream-g2-", Begin(second.One("AWS::Kinesis::Stream")["Name"]));
        Assert.Equal("2", $"{Function(second)["Environment"]!["Variables"]!["CDCDMS_GENERATION"]}");
        Assert.Equal("cdcdms-shared-stream-g2", second.One("AWS::DMS::Endpoint", "StreamEndpoint").Text("ResourceIdentifier"));
        Assert.Empty(OfStream(Shared).Intersect(OfStream(second)));
    }

    [Fact]
    public void The_route_is_told_to_what_refuses_its_change_in_one_generation()
    {
        Assert.Equal("kinesis", Fixed(Shared));
        Assert.Equal("direct", Fixed(SynthesizedEnvironment.Of("dev").Stack("replication")));

        static string Fixed(TemplateResources stack) => $"{stack.One("Custom::CdcDmsBefore")["fixed"]!["route"]}";
    }

    [Fact]
    public void DMS_reaches_the_stream_within_a_network_of_our_own()
    {
        var network = SynthesizedEnvironment.Of("shared").Stack("network");

        Assert.Equal(
            ["com.amazonaws.eu-central-1.kinesis-streams", "com.amazonaws.eu-central-1.secretsmanager"],
            network.OfType("AWS::EC2::VPCEndpoint").Where(endpoint => endpoint.Text("VpcEndpointType") == "Interface")
                .Select(endpoint => endpoint.Text("ServiceName")).Order());
    }

    [Theory]
    [InlineData("stream-age-critical", "IteratorAge", "Maximum", 129_600_000, "FunctionName=cdcdms-shared-stream-g1")]
    [InlineData("stream-late-warning-measured", "IteratorAge", "Maximum", 900_000, "FunctionName=cdcdms-shared-stream-g1")]
    [InlineData("stream-rejects-critical", "StreamRejectsWaiting", "Maximum", 0, "Environment=shared")]
    [InlineData("stream-full-warning", "WriteProvisionedThroughputExceeded", "Sum", 0, "StreamName=cdcdms-shared-stream-g1-")]
    public void What_goes_wrong_with_the_stream_is_an_alarm(
        string name, string metric, string statistic, double threshold, string dimension)
    {
        var alarm = SynthesizedEnvironment.Of("shared").Stack("operations").OfType("AWS::CloudWatch::Alarm")
            .Single(alarm => alarm.Text("AlarmName") == $"cdcdms-shared-{name}");

        Assert.Equal(
            (metric, statistic, threshold, "GreaterThanThreshold"),
            (alarm.Text("MetricName"), alarm.Text("Statistic"), alarm["Threshold"]!.GetValue<double>(), alarm.Text("ComparisonOperator")));
        Assert.Equal(dimension, Assert.Single(alarm["Dimensions"]!.AsArray().Select(one => $"{one!["Name"]}={Begin(one["Value"])}")));
    }

    [Fact]
    public void The_alarm_knows_the_name_that_the_stack_gives_its_stream_in_every_generation()
    {
        var part = Shared.One("AWS::Kinesis::Stream")["Name"]!["Fn::Join"]![1]![1]!;
        var output = Assert.Single(SynthesizedEnvironment.Of("shared").Templates["cdcdms-shared-replication"]["Outputs"]!.AsObject(),
            output => $"{output.Value!["Export"]!["Name"]}" == "cdcdms-shared-replication:StackPart");
        var alarm = SynthesizedEnvironment.Of("shared").Stack("operations").OfType("AWS::CloudWatch::Alarm")
            .Single(alarm => alarm.Text("AlarmName") == "cdcdms-shared-stream-full-warning");

        Assert.Equal(part.ToJsonString(), output.Value!["Value"]!.ToJsonString());
        Assert.Contains("\"AWS::StackId\"", part.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(
            """{"Fn::ImportValue":"cdcdms-shared-replication:StackPart"}""",
            alarm["Dimensions"]![0]!["Value"]!["Fn::Join"]![1]![1]!.ToJsonString());
    }

    // What a name has before what the stack adds.
    private static string Begin(JsonNode? name) => name is JsonObject joined ? $"{joined["Fn::Join"]![1]![0]}" : $"{name}";

    private static TemplateResource Function(TemplateResources stack) => stack.OfType("AWS::Lambda::Function")
        .Single(function => function.Text("FunctionName").StartsWith("cdcdms-shared-stream-", StringComparison.Ordinal));

    private static IEnumerable<string> OfStream(TemplateResources stack) => stack.All
        .Where(resource => resource.Id.StartsWith("Stream", StringComparison.Ordinal)
            && resource.Type is not ("AWS::DMS::Endpoint" or "AWS::Logs::QueryDefinition"))
        .Select(resource => resource.Id);

    private static IReadOnlyList<(string Action, string Resource)> Allowed(string role) =>
    [
        .. Shared.OfType("AWS::IAM::Policy").Where(policy => policy.Id.StartsWith(role, StringComparison.Ordinal))
            .SelectMany(policy => policy["PolicyDocument"]!["Statement"]!.AsArray())
            .SelectMany(statement => Items(statement!["Action"]!).Select(action => (action, statement!["Resource"]!.ToJsonString())))
            .Order(),
    ];

    private static IEnumerable<string> Items(JsonNode oneOrMany) =>
        oneOrMany is JsonArray several ? several.Select(one => $"{one}") : [$"{oneOrMany}"];
}
