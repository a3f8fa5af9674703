using System.Text.Json.Nodes;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class OperateTests
{
    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void The_function_has_the_name_by_which_the_command_line_finds_it_and_knows_lake_and_task(string name)
    {
        var environment = SynthesizedEnvironment.Of(name).Environment;
        var function = Assert.Single(
            SynthesizedEnvironment.Of(name).Stack("batch").OfType("AWS::Lambda::Function"),
            function => function.Json.ToJsonString().Contains($"\"FunctionName\":\"cdcdms-{name}-operate\"", StringComparison.Ordinal));
        var variables = function["Environment"]!["Variables"]!;
        var task = JsonNode.Parse(variables["CDCDMS_TASK"]!.GetValue<string>())!;

        Assert.Equal("operate", variables["CDCDMS_FUNCTION"]!.GetValue<string>());
        Assert.EndsWith($"/{environment.Lake.Prefix}", variables["CDCDMS_LAKE"]!["Fn::Join"]![1]!.AsArray()[^1]!.GetValue<string>());
        Assert.Equal(environment.Replication.MarkerSeconds.ToString(), variables["CDCDMS_FILE_INTERVAL_SECONDS"]!.GetValue<string>());
        Assert.Equal(environment.Replication.LobKilobytes, task["lobKilobytes"]!.GetValue<int>());
        Assert.Equal(environment.Source.CaptureDdl, task["captureDdl"]!.GetValue<bool>());
        Assert.Equal(environment.Source.Heartbeat?.Schema, task["heartbeatSchema"]?.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_function_has_the_definitions_by_which_batches_merge_as_a_file_of_a_layer(string name)
    {
        var stack = SynthesizedEnvironment.Of(name).Stack("batch");
        var layer = Assert.Single(stack.OfType("AWS::Lambda::LayerVersion"));
        var functions = stack.OfType("AWS::Lambda::Function").Where(one => one["Layers"]?.ToJsonString().Contains(layer.Id) == true);

        Assert.Equal("/opt/tables.json", Assert.Single(functions)["Environment"]!["Variables"]!["CDCDMS_TABLES"]!.GetValue<string>());
        Assert.True(JsonNode.DeepEquals(
            BatchTests.Definition(name, "batch")["States"]!["Definitions"]!["Result"],
            JsonNode.Parse(SynthesizedEnvironment.Of(name).OperatedTables)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_function_may_read_the_secrets_and_the_lake_store_answers_and_no_more(string name)
    {
        var policy = Assert.Single(
            SynthesizedEnvironment.Of(name).Stack("batch").OfType("AWS::IAM::Policy"),
            policy => policy.Id.StartsWith("OperateFunction", StringComparison.Ordinal));
        var actions = policy["PolicyDocument"]!["Statement"]!.AsArray().SelectMany(statement => Texts(statement!["Action"]!)).Distinct();

        Assert.Equal(
            [
                "kms:Decrypt", "kms:GenerateDataKey", "logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject", "s3:ListBucket",
                "s3:PutObject", "secretsmanager:GetSecretValue", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
            ],
            actions.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("dev", "Replication")]
    [InlineData("prod", "ReplicationTask")]
    public void The_restart_may_look_stop_and_start_its_own_replication_and_no_other(string name, string kind)
    {
        var policy = Assert.Single(
            SynthesizedEnvironment.Of(name).Stack("replication").OfType("AWS::IAM::Policy"),
            policy => policy.Id.StartsWith("RestartStateMachine", StringComparison.Ordinal));
        var allowed = policy["PolicyDocument"]!["Statement"]!.AsArray()
            .SelectMany(statement => Texts(statement!["Action"]!).Select(action => (action, statement!["Resource"]!.ToJsonString())))
            .Where(pair => pair.action.StartsWith("dms:", StringComparison.Ordinal)).OrderBy(pair => pair.action).ToList();

        Assert.Equal([$"dms:Describe{kind}s", $"dms:Start{kind}", $"dms:Stop{kind}"], allowed.Select(pair => pair.action));
        Assert.Equal("\"*\"", allowed[0].Item2);
        Assert.All(allowed.Skip(1), pair => Assert.DoesNotContain('*', pair.Item2));
        Assert.Contains("\"cloudwatch:PutMetricData\"", policy.Text("PolicyDocument"), StringComparison.Ordinal);
        Assert.Contains(
            SynthesizedEnvironment.Of(name).Stack("replication").OfType("AWS::StepFunctions::StateMachine"),
            machine => machine.Text("StateMachineName") == $"cdcdms-{name}-restart");
    }

    private static string[] Texts(JsonNode oneOrMore) => oneOrMore is JsonArray several
        ? [.. several.Select(text => text!.ToString())]
        : [oneOrMore.ToString()];
}
