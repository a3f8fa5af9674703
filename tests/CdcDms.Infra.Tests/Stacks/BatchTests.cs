using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class BatchTests
{
    // What the interpreter of the local run does not know.
    private static readonly string[] Lacking =
        ["ItemReader", "ItemBatcher", "ResultWriter", "ToleratedFailurePercentage", "ToleratedFailureCount"];

    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void The_schedule_starts_the_workflow_and_undelivered_starts_are_kept(string name)
    {
        var environment = SynthesizedEnvironment.Of(name);
        var rule = Rule(name, environment.Environment.Batch.Schedule.Expression);
        var target = Assert.Single(rule["Targets"]!.AsArray())!;

        Assert.Contains(Machine(name, "batch").Id, target["Arn"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("Undelivered", target["DeadLetterConfig"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.True(target["RetryPolicy"]!["MaximumRetryAttempts"]!.GetValue<int>() > 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Markers_are_written_by_their_own_schedule_with_the_interval_of_the_tasks_files(string name)
    {
        var target = Assert.Single(Rule(name, "rate(5 minutes)")["Targets"]!.AsArray())!;
        var write = Function(name, "write-marker");

        Assert.Contains(write.Id, target["Arn"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(2, target["RetryPolicy"]!["MaximumRetryAttempts"]!.GetValue<int>());
        Assert.Equal($"cdcdms-{name}-write-marker", write.Text("FunctionName"));
        var invoked = Assert.Single(
            SynthesizedEnvironment.Of(name).Stack("batch").OfType("AWS::Lambda::EventInvokeConfig"),
            one => one.Text("FunctionName").Contains(write.Id, StringComparison.Ordinal));
        Assert.Equal(("0", "300"), (invoked.Text("MaximumRetryAttempts"), invoked.Text("MaximumEventAgeInSeconds")));
        var replication = SynthesizedEnvironment.Of(name).Stack("replication");
        // Through a stream a marker waits for a batch twice.
        var interval = replication.OfType("AWS::Lambda::EventSourceMapping").SingleOrDefault() is { } mapping
            ? 2 * mapping["MaximumBatchingWindowInSeconds"]!.GetValue<int>()
            : replication.One("AWS::DMS::Endpoint", "LakeEndpoint")["S3Settings"]!["CdcMaxBatchInterval"]!.GetValue<int>();
        Assert.Equal($"{interval}", Variables(write)["CDCDMS_FILE_INTERVAL_SECONDS"]!.GetValue<string>());
        Assert.NotNull(Variables(write)["CDCDMS_SOURCE_SECRET"]);
        Assert.Null(Variables(write)["CDCDMS_TARGET_SECRET"]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Markers_are_merged_before_the_tables_which_are_merged_whatever_becomes_of_them(string name)
    {
        var states = Definition(name, "batch")["States"]!;

        Assert.Equal("MergeMarkers", states["GivenTables"]!["Choices"]![0]!["Next"]!.GetValue<string>());
        Assert.Equal("MergeMarkers", states["Definitions"]!["Next"]!.GetValue<string>());
        Assert.Equal("Tables", states["MergeMarkers"]!["Next"]!.GetValue<string>());
        var warned = states[states["MergeMarkers"]!["Catch"]![0]!["Next"]!.GetValue<string>()]!["Next"]!.GetValue<string>();
        Assert.Equal("StacksBeforeTellMarkersNotMerged", warned);
        var told = states["TellMarkersNotMerged"]!;
        Assert.Equal("Tables", told["Next"]!.GetValue<string>());
        Assert.Equal("TellMarkersNotMergedUntold", told["Catch"]![0]!["Next"]!.GetValue<string>());
        Assert.Equal("Tables", states["TellMarkersNotMergedUntold"]!["Next"]!.GetValue<string>());
        Assert.Equal("Tables", states["TellMarkersNotMergedUntold"]!["Catch"]![0]!["Next"]!.GetValue<string>());
        Assert.Null(Variables(Function(name, "merge-markers"))["CDCDMS_SOURCE_SECRET"]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_workflow_carries_the_definitions_and_an_input_overrides_them(string name)
    {
        var environment = SynthesizedEnvironment.Of(name).Environment;
        var workflow = Definition(name, "batch");
        var carried = workflow["States"]!["Definitions"]!["Result"]!.AsArray();

        Assert.Equal(
            environment.Tables.Select(table => table.Target),
            carried.Select(table => table!["target"]!.GetValue<string>()));
        Assert.Equal("$.tables[0]", workflow["States"]!["GivenTables"]!["Choices"]![0]!["Variable"]!.GetValue<string>());
        Assert.Equal(environment.Batch.ParallelTables, workflow["States"]!["Tables"]!["MaxConcurrency"]!.GetValue<int>());
    }

    [Fact]
    public void Definitions_that_a_workflow_cannot_carry_are_refused_with_a_sentence()
    {
        var columns = string.Join(
            ",",
            Enumerable.Range(0, 1000).Select(n => $$"""{"from":"column_{{n}}","to":"column_{{n}}","type":"double precision"}"""));
        var json = new EnvironmentJson("dev")
            .WithTable($$"""{"schema":"public","name":"a","target":"analytics.a","columns":[{{columns}}]}""")
            .WithTable($$"""{"schema":"public","name":"b","target":"analytics.b","columns":[{{columns}}]}""");

        var fault = Assert.Throws<CdcDmsException>(() => SynthesizedEnvironment.Of(json));

        Assert.StartsWith("$.tables: the 4 definitions take ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 4, 10)]
    [InlineData(20, 8, 2)]
    [InlineData(3, 8, 1)]
    [InlineData(1000, 4, 10)]
    public void Groups_of_tables_that_are_loaded_at_once_fit_the_concurrency_that_is_set_aside(int? reserved, int tables, int groups)
    {
        var environment = new EnvironmentJson("dev").With("batch.parallelTables", tables);
        if (reserved is not null)
            environment = environment.With("batch.reservedConcurrency", reserved);
        var machine = SynthesizedEnvironment.Of(environment).Stack("batch").OfType("AWS::StepFunctions::StateMachine")
            .Single(machine => machine.Text("StateMachineName") == "cdcdms-dev-batch-table");

        Assert.Equal(groups, Definition(machine)["States"]!["Groups"]!["MaxConcurrency"]!.GetValue<int>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_proof_that_took_all_of_its_time_is_not_tried_again_at_once(string name)
    {
        var states = Definition(name, "batch-table")["States"]!;

        Assert.DoesNotContain(nameof(ErrorKind.OutOfTime), states["Prove"]!["Retry"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(nameof(ErrorKind.OutOfTime), states["Merge"]!["Retry"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_first_load_fans_out_and_uses_nothing_that_a_local_run_lacks(string name)
    {
        var groups = Definition(name, "batch-table")["States"]!["Groups"]!;

        Assert.Equal("DISTRIBUTED", groups["ItemProcessor"]!["ProcessorConfig"]!["Mode"]!.GetValue<string>());
        Assert.All(Lacking, lacking => Assert.Null(groups[lacking]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Functions_read_the_lake_below_its_prefix_and_only_merges_delete_and_none_writes_but_answers(string name)
    {
        var environment = SynthesizedEnvironment.Of(name);
        // Of the Spark job's role, SparkTests tell.
        var statements = environment.Stack("batch").OfType("AWS::IAM::Policy")
            .Where(policy => !policy.Text("PolicyName").StartsWith("Spark", StringComparison.Ordinal))
            .SelectMany(policy => policy["PolicyDocument"]!["Statement"]!.AsArray().OfType<JsonNode>())
            .ToLookup(statement => statement["Action"]!.ToJsonString().Trim('"'));

        Assert.Equal(
            ["s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"],
            statements.Select(action => action.Key).Where(action => action.Contains("s3:", StringComparison.Ordinal)).Order());
        Assert.All(statements["s3:GetObject"], statement =>
            Assert.Contains($"/{environment.Environment.Lake.Prefix}/*", statement["Resource"]!.ToJsonString(), StringComparison.Ordinal));
        Assert.Equal(2, statements["s3:DeleteObject"].Count());
        Assert.All(statements["s3:DeleteObject"], statement =>
            Assert.Contains($"/{environment.Environment.Lake.Prefix}/g*", statement["Resource"]!.ToJsonString(), StringComparison.Ordinal));
        string[] written = environment.Environment.Batch.Glue is null ? ["answers"] : ["answers", "spark"];
        Assert.Equal(
            written.Select(folder => $"/{environment.Environment.Lake.Prefix}/_cdcdms/{folder}/*"),
            statements["s3:PutObject"]
                .Select(statement => statement["Resource"]!["Fn::Join"]![1]!.AsArray()[^1]!.GetValue<string>()).Order());
        Assert.All(statements["s3:ListBucket"], statement =>
            Assert.NotNull(statement["Condition"]!["StringLike"]!["s3:prefix"]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Functions_are_as_the_environment_says_inside_the_vpc_with_the_secrets_extension(string name)
    {
        var batch = SynthesizedEnvironment.Of(name).Environment.Batch;
        var functions = SynthesizedEnvironment.Of(name).Stack("batch").OfType("AWS::Lambda::Function");

        Assert.Equal(9, functions.Count);
        foreach (var function in (string[])["plan", "merge", "prove"])
            Assert.Equal(
                (batch.MemoryMegabytes, batch.EphemeralStorageMegabytes, batch.TimeoutMinutes * 60),
                Size(Function(name, function)));
        Assert.Equal((batch.MemoryMegabytes, batch.EphemeralStorageMegabytes, 900), Size(Function(name, "operate")));
        Assert.Equal((512, 512, 60), Size(Function(name, "write-marker")));
        Assert.Equal((512, 512, 300), Size(Function(name, "merge-markers")));
        var outside = new[] { "reload", "replication-health" }.Select(function => Function(name, function)).ToList();
        Assert.All(outside, function => Assert.Null(function["VpcConfig"] ?? function["Layers"]));
        Assert.All(functions.Where(function => outside.TrueForAll(one => one.Id != function.Id)), function =>
        {
            Assert.Contains("AWS-Parameters-and-Secrets-Lambda-Extension", function.Text("Layers"), StringComparison.Ordinal);
            Assert.NotNull(function["VpcConfig"]);
            Assert.DoesNotContain(':', function.Text("Handler"));
        });
        Assert.Equal(batch.ReservedConcurrency, Function(name, "merge")["ReservedConcurrentExecutions"]?.GetValue<int>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_child_execution_may_be_awaited_and_the_topic_told(string name)
    {
        var policies = string.Concat(SynthesizedEnvironment.Of(name).Stack("batch")
            .OfType("AWS::IAM::Policy")
            .Select(policy => policy.Text("PolicyDocument")));

        Assert.Contains("rule/StepFunctionsGetEventsForStepFunctionsExecutionRule", policies, StringComparison.Ordinal);
        Assert.Contains("\"sns:Publish\"", policies, StringComparison.Ordinal);
        Assert.Contains("\"kms:GenerateDataKey\"", policies, StringComparison.Ordinal);
        Assert.Contains($":execution:cdcdms-{name}-batch-table/*", policies, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void State_machines_log_and_trace(string name) =>
        Assert.All(SynthesizedEnvironment.Of(name).Stack("batch").OfType("AWS::StepFunctions::StateMachine"), machine =>
        {
            Assert.Equal("ALL", machine["LoggingConfiguration"]!["Level"]!.GetValue<string>());
            Assert.True(machine["TracingConfiguration"]!["Enabled"]!.GetValue<bool>());
        });

    internal static JsonObject Definition(string environment, string machine) => Definition(Machine(environment, machine));

    internal static JsonObject Definition(TemplateResource machine)
    {
        var parts = machine["DefinitionString"]!["Fn::Join"]![1]!.AsArray();
        var texts = parts.Select(part => part is JsonValue text ? text.GetValue<string>() : "REFERENCE");
        return JsonNode.Parse(string.Concat(texts))!.AsObject();
    }

    internal static TemplateResource Rule(string environment, string schedule) =>
        SynthesizedEnvironment.Of(environment).Stack("batch").OfType("AWS::Events::Rule")
            .Single(rule => rule.Text("ScheduleExpression") == schedule);

    internal static TemplateResource Function(string environment, string name) =>
        SynthesizedEnvironment.Of(environment).Stack("batch").OfType("AWS::Lambda::Function")
            .Single(function => Variables(function)["CDCDMS_FUNCTION"]!.GetValue<string>() == name);

    internal static JsonNode Variables(TemplateResource function) => function["Environment"]!["Variables"]!;

    private static (int Memory, int Storage, int Seconds) Size(TemplateResource function) => (
        function["MemorySize"]!.GetValue<int>(),
        function["EphemeralStorage"]?["Size"]!.GetValue<int>() ?? 512,
        function["Timeout"]!.GetValue<int>());

    internal static TemplateResource Machine(string environment, string machine) =>
        SynthesizedEnvironment.Of(environment).Stack("batch")
            .OfType("AWS::StepFunctions::StateMachine")
            .Single(resource => resource.Text("StateMachineName") == $"cdcdms-{environment}-{machine}");
}
