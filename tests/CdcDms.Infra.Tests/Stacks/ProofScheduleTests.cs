using System.Text.Json.Nodes;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class ProofScheduleTests
{
    private static readonly Lazy<SynthesizedEnvironment> Off = new(() => SynthesizedEnvironment.Of(
        new EnvironmentJson("dev").With("validation.full.enabled", false).With("validation.sampleKeys", 0)));

    private static readonly Lazy<SynthesizedEnvironment> Changed = new(() => SynthesizedEnvironment.Of(
        new EnvironmentJson("dev")
            .With("validation.repair", "auto")
            .With("validation.sampleKeys", 7)
            .With("validation.full.schedule", "rate(7 days)")
            .With("validation.full.leaveOut", new[] { "public.orders" })
            .WithTable(
                """
                {"schema":"shop","name":"fed","target":"analytics.fed","key":["id"],"feed":{"prefix":"processed/fed/"},
                "columns":[{"from":"id","to":"id","type":"integer"}]}
                """)));

    private const string ReadSecret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders/reader-AbCdEf";

    private static readonly Lazy<SynthesizedEnvironment> Replica = new(() => SynthesizedEnvironment.Of(
        new EnvironmentJson("prod")
            .With("validation.source.secretArn", ReadSecret)
            .With("validation.source.port", 5433)
            .With("validation.source.securityGroupId", "sg-0123456789abcdef0")));

    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    [Fact]
    public void Rows_are_read_by_a_secret_of_their_own_where_the_environment_names_one_and_markers_are_not()
    {
        var batch = Replica.Value.Stack("batch");
        var readers = batch.OfType("AWS::Lambda::Function")
            .Where(function => function.Json.ToJsonString().Contains("CDCDMS_READ_SOURCE_SECRET", StringComparison.Ordinal)).ToList();

        var variables = readers.ConvertAll(reader => reader["Environment"]!["Variables"]!);
        // A health check looks only how old the secret is.
        Assert.Equal(["health", "operate", "prove"], variables.Select(each => each["CDCDMS_FUNCTION"]!.GetValue<string>()).Order());
        Assert.All(variables, each => Assert.Equal(ReadSecret, each["CDCDMS_READ_SOURCE_SECRET"]!.GetValue<string>()));
        Assert.All(variables, each => Assert.NotNull(each["CDCDMS_SOURCE_SECRET"]));
        Assert.Collection(
            batch.All.Where(resource => resource.Type == "AWS::IAM::Policy"
                && resource.Json.ToJsonString().Contains(ReadSecret, StringComparison.Ordinal)).OrderBy(policy => policy.Id),
            policy => Assert.StartsWith("FunctionsProve", policy.Id, StringComparison.Ordinal),
            policy => Assert.Equal(
                ["secretsmanager:DescribeSecret"],
                policy["PolicyDocument"]!["Statement"]!.AsArray()
                    .Where(statement => statement!.ToJsonString().Contains(ReadSecret, StringComparison.Ordinal))
                    .Select(statement => statement!["Action"]!.ToString())),
            policy => Assert.StartsWith("OperateFunction", policy.Id, StringComparison.Ordinal));
        Assert.Contains(
            Replica.Value.Stack("network").OfType("AWS::EC2::SecurityGroupIngress"),
            rule => rule["FromPort"]!.GetValue<int>() == 5433 && rule.Text("GroupId") == "sg-0123456789abcdef0");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Full_proofs_have_a_schedule_of_their_own_and_undelivered_starts_are_kept(string name)
    {
        var target = Assert.Single(BatchTests.Rule(name, "cron(35 1 * * ? *)")["Targets"]!.AsArray())!;

        Assert.Contains(BatchTests.Machine(name, "proof").Id, target["Arn"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("Undelivered", target["DeadLetterConfig"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Whole_tables_are_proven_two_at_a_time_and_an_input_overrides_which(string name)
    {
        var states = BatchTests.Definition(name, "proof")["States"]!;

        Assert.Equal(2, states["Tables"]!["MaxConcurrency"]!.GetValue<int>());
        Assert.Equal("$.tables[0]", states["GivenTables"]!["Choices"]![0]!["Variable"]!.GetValue<string>());
        Assert.Equal(
            SynthesizedEnvironment.Of(name).Environment.Tables.Select(table => table.Target),
            states["Definitions"]!["Result"]!.AsArray().Select(table => table!["target"]!.GetValue<string>()));
        Assert.Equal(
            """{"table.$":"$.table","scope":"all","repairs":false,"run.$":"$$.Execution.Id"}""",
            Payload(Of(states["Tables"]!, "ProveTable")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_table_that_fails_is_told_once_all_are_done_and_what_took_all_its_time_is_not_tried_again(string name)
    {
        var states = BatchTests.Definition(name, "proof")["States"]!;
        var prove = Of(states["Tables"]!, "ProveTable");

        Assert.Equal("WhoseFailure", prove["Catch"]![0]!["Next"]!.GetValue<string>());
        Assert.DoesNotContain("OutOfTime", prove["Retry"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("Names", states["Failures"]!["Next"]!.GetValue<string>());
        Assert.Equal("StacksBeforeTell", states["Names"]!["Next"]!.GetValue<string>());
        Assert.Equal("TablesNotProven", states["Tell"]!["Next"]!.GetValue<string>());
        Assert.Equal("TellUntold", states["Tell"]!["Catch"]![0]!["Next"]!.GetValue<string>());
        Assert.Equal("TablesNotProven", states["TellUntold"]!["Next"]!.GetValue<string>());
        Assert.Equal("TablesNotProven", states["TellUntold"]!["Catch"]![0]!["Next"]!.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_function_knows_both_databases_and_the_interval_of_the_tasks_files_but_not_the_lake(string name)
    {
        var prove = BatchTests.Function(name, "prove");
        var variables = BatchTests.Variables(prove);

        Assert.NotNull(variables["CDCDMS_SOURCE_SECRET"]);
        Assert.NotNull(variables["CDCDMS_TARGET_SECRET"]);
        Assert.Equal(
            BatchTests.Variables(BatchTests.Function(name, "write-marker"))["CDCDMS_FILE_INTERVAL_SECONDS"]!.GetValue<string>(),
            variables["CDCDMS_FILE_INTERVAL_SECONDS"]!.GetValue<string>());
        var policy = Assert.Single(SynthesizedEnvironment.Of(name).Stack("batch").OfType("AWS::IAM::Policy"), policy =>
            policy.Id.StartsWith("FunctionsProve", StringComparison.Ordinal));
        Assert.DoesNotContain("s3:", policy.Text("PolicyDocument"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sample_is_noted_by_each_merge_and_read_after_the_last_but_not_of_plain_files(string name)
    {
        var states = BatchTests.Definition(name, "batch-table")["States"]!;

        Assert.Equal("Prove", states["MoreFiles"]!["Default"]!.GetValue<string>());
        Assert.Equal("$.table.feed.prefix", states["MoreFiles"]!["Choices"]![2]!["Variable"]!.GetValue<string>());
        Assert.Equal("Report", states["MoreFiles"]!["Choices"]![2]!["Next"]!.GetValue<string>());
        Assert.Equal("""{"table.$":"$.table","scope":"sample","sampleKeys":1000,"repairs":false}""", Payload(states["Prove"]!));
        foreach (var merge in new[] { states["Merge"]!, Of(states["Groups"]!, "MergeGroup") })
            Assert.Contains("\"sampledKeys\":1000", Payload(merge), StringComparison.Ordinal);
    }

    [Fact]
    public void Proofs_that_are_switched_off_have_neither_state_nor_schedule_nor_alarm_but_can_be_started()
    {
        var batch = Off.Value.Stack("batch");
        var table = BatchTests.Definition(Machine(Off.Value, "batch-table"))["States"]!;

        Assert.Null(table["Prove"]);
        Assert.Equal("Report", table["MoreFiles"]!["Default"]!.GetValue<string>());
        Assert.Contains("\"sampledKeys\":0", Payload(table["Merge"]!), StringComparison.Ordinal);
        Assert.DoesNotContain(batch.OfType("AWS::Events::Rule"), rule => rule.Id.Contains("Proof", StringComparison.Ordinal));
        Assert.DoesNotContain("proof-missing", Alarms(Off.Value));
        Assert.DoesNotContain("proof-old", Alarms(Off.Value));
        Assert.Equal(2, BatchTests.Definition(Machine(Off.Value, "proof"))["States"]!["Definitions"]!["Result"]!.AsArray().Count);
    }

    [Fact]
    public void What_an_environment_changes_is_in_both_workflows()
    {
        var table = BatchTests.Definition(Machine(Changed.Value, "batch-table"))["States"]!;
        var proof = BatchTests.Definition(Machine(Changed.Value, "proof"))["States"]!;

        Assert.Equal("""{"table.$":"$.table","scope":"sample","sampleKeys":7,"repairs":true}""", Payload(table["Prove"]!));
        Assert.Equal(
            """{"table.$":"$.table","scope":"all","repairs":true,"run.$":"$$.Execution.Id"}""",
            Payload(Of(proof["Tables"]!, "ProveTable")));
        // Neither what is left out nor what has no source.
        Assert.Equal(
            ["analytics.customers"],
            proof["Definitions"]!["Result"]!.AsArray().Select(one => one!["target"]!.GetValue<string>()));
        Assert.DoesNotContain("proof-missing", Alarms(Changed.Value));
        Assert.Contains("proof-old", Alarms(Changed.Value));
    }

    private static JsonNode Of(JsonNode map, string state) => map["ItemProcessor"]!["States"]![state]!;

    private static string Payload(JsonNode task) => task["Parameters"]!["Payload"]!.ToJsonString();

    private static TemplateResource Machine(SynthesizedEnvironment environment, string machine) =>
        environment.Stack("batch").OfType("AWS::StepFunctions::StateMachine")
            .Single(resource => resource.Text("StateMachineName") == $"cdcdms-dev-{machine}");

    private static string Alarms(SynthesizedEnvironment environment) => string.Join(
        ' ', environment.Stack("operations").OfType("AWS::CloudWatch::Alarm").Select(alarm => alarm.Text("AlarmName")));
}
