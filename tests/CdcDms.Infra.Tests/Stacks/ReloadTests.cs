using System.Text.Json.Nodes;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class ReloadTests
{
    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    [Theory]
    [InlineData("dev", "serverless")]
    [InlineData("prod", "task")]
    public void The_function_is_told_which_replication_captures_the_table(string name, string kind)
    {
        var table = Table(name);

        Assert.Equal(
            $$"""{"table.$":"$.table","kind":"{{kind}}","identifier":"cdcdms-{{name}}-g1"}""", Payload(table["AskForLoad"]!));
        Assert.Equal(
            $$"""{"table.$":"$.table","kind":"{{kind}}","identifier":"cdcdms-{{name}}-g1","load.$":"$.load"}""", Payload(table["Look"]!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_table_that_was_loaded_is_merged_and_whatever_the_environment_says_proven_with_repair(string name)
    {
        var (table, interval) = (Table(name), SynthesizedEnvironment.Of(name).Environment.Replication.MarkerSeconds);

        Assert.Equal("WaitForFiles", table["IsLoaded"]!["Choices"]![0]!["Next"]!.GetValue<string>());
        Assert.Equal(2 * interval, table["WaitForFiles"]!["Seconds"]!.GetValue<int>());
        Assert.Equal("MergeTable", table["WaitForFiles"]!["Next"]!.GetValue<string>());
        Assert.Equal("IsMerged", table["MergeTable"]!["Next"]!.GetValue<string>());
        Assert.Equal("ProveTable", table["IsMerged"]!["Default"]!.GetValue<string>());
        Assert.Equal("""{"table.$":"$.table","scope":"all","repairs":true,"run.$":"$$.Execution.Id"}""", Payload(table["ProveTable"]!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Between_two_looks_it_waits_as_long_as_the_function_says(string name)
    {
        var table = Table(name);

        Assert.Equal("$.load.waitSeconds", table["WaitForLoad"]!["SecondsPath"]!.GetValue<string>());
        Assert.Equal("WaitForLoad", table["AskForLoad"]!["Next"]!.GetValue<string>());
        Assert.Equal("WaitForLoad", table["IsLoaded"]!["Default"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(
        "dev",
        "replication-config",
        "dms:DescribeReplications",
        "dms:DescribeReplicationTableStatistics",
        "dms:ReloadReplicationTables")]
    [InlineData("prod", "task", "dms:DescribeReplicationTasks", "dms:DescribeTableStatistics", "dms:ReloadTables")]
    public void The_function_may_load_tables_of_its_own_replication_and_no_more(
        string name, string kind, string everywhere, params string[] there)
    {
        var policy = Assert.Single(
            SynthesizedEnvironment.Of(name).Stack("batch").OfType("AWS::IAM::Policy"),
            policy => policy.Id.StartsWith("ReloadFunction", StringComparison.Ordinal));
        var dms = policy["PolicyDocument"]!["Statement"]!.AsArray()
            .SelectMany(statement => Actions(statement!).Select(action => (action, statement!["Resource"]!.ToJsonString())))
            .Where(allowed => allowed.action.StartsWith("dms:", StringComparison.Ordinal)).ToList();

        Assert.Equal([everywhere, .. there], dms.Select(allowed => allowed.action));
        Assert.Equal("\"*\"", dms[0].Item2);
        Assert.All(dms.Skip(1), allowed => Assert.EndsWith($":{kind}:cdcdms-{name}-g1\"", allowed.Item2, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_table_is_an_execution_of_its_own_so_that_no_number_of_tables_or_looks_fills_a_history(string name)
    {
        var processor = BatchTests.Definition(name, "reload")["States"]!["Tables"]!["ItemProcessor"]!["ProcessorConfig"]!;
        var allowed = SynthesizedEnvironment.Of(name).Stack("batch").OfType("AWS::IAM::Policy")
            .Where(policy => policy.Id.StartsWith("ReloadStateMachine", StringComparison.Ordinal))
            .SelectMany(policy => policy["PolicyDocument"]!["Statement"]!.AsArray())
            .Where(statement => Actions(statement!).Contains("states:StopExecution"))
            .SelectMany(statement => Texts(statement!["Resource"]!)).ToList();

        Assert.Equal(("DISTRIBUTED", "STANDARD"), (Text("Mode"), Text("ExecutionType")));
        foreach (var end in (string[])["/*", ":*"])
            Assert.Contains(allowed, resource => resource.EndsWith($":execution:cdcdms-{name}-reload{end}", StringComparison.Ordinal));

        string Text(string property) => processor[property]!.GetValue<string>();
    }

    [Theory]
    [InlineData(100, "$.results[?(@.outcome == 'notProven')].report", "States.JsonToString($.failed))")]
    [InlineData(101, "$.results[?(@.outcome == 'notProven')].report.table", "States.JsonToString($.failed[*].table))")]
    public void Of_so_many_tables_that_their_causes_might_not_fit_into_a_state_the_names_alone_are_told(
        int tables, string notProven, string failed)
    {
        var environment = new EnvironmentJson("dev");
        for (var n = environment.Read().Tables.Count; n < tables; n++)
            environment.WithTable($$"""{"schema":"public","name":"t{{n}}","target":"analytics.t{{n}}"}""");
        var machines = SynthesizedEnvironment.Of(environment).Stack("batch").OfType("AWS::StepFunctions::StateMachine")
            .ToDictionary(machine => machine.Text("StateMachineName"), machine => BatchTests.Definition(machine)["States"]!);

        Assert.Equal(
            notProven, machines["cdcdms-dev-batch"]["NotProven"]!["Parameters"]!["tables.$"]!.GetValue<string>());
        foreach (var name in (string[])["cdcdms-dev-batch", "cdcdms-dev-reload", "cdcdms-dev-proof"])
        {
            Assert.Contains(
                failed, machines[name]["Names"]!["Parameters"]!["message.$"]!.GetValue<string>(), StringComparison.Ordinal);
            // What the map has of each table must fit into one state as well.
            var record = machines[name]["Tables"]!["ItemProcessor"]!["States"]!["TableFailed"]!["Parameters"]!.AsObject();
            Assert.Equal(tables <= 100, record.ContainsKey("cause.$"));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void People_are_told_of_each_table_and_an_alarm_rings_when_nobody_could_be_told(string name)
    {
        var states = BatchTests.Definition(name, "reload")["States"]!;
        var alarm = Assert.Single(
            SynthesizedEnvironment.Of(name).Stack("operations").OfType("AWS::CloudWatch::Alarm"),
            alarm => alarm.Text("AlarmName") == $"cdcdms-{name}-reload-failed-warning");

        Assert.Equal("NoTables", states["GivenTables"]!["Default"]!.GetValue<string>());
        Assert.Equal("TablesNotReloaded", states["Tell"]!["Next"]!.GetValue<string>());
        Assert.Contains($":stateMachine:cdcdms-{name}-reload\"", alarm.Text("Metrics"), StringComparison.Ordinal);
        Assert.Contains("ExecutionsTimedOut", alarm.Text("Metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_generation_is_the_one_that_loads()
    {
        var second = SynthesizedEnvironment.Of(new EnvironmentJson("prod")
            .With("replication.generation", 2).With("replication.allowReplacementForGeneration", 2));
        var machine = second.Stack("batch").OfType("AWS::StepFunctions::StateMachine")
            .Single(machine => machine.Text("StateMachineName") == "cdcdms-prod-reload");

        Assert.Contains("\"identifier\":\"cdcdms-prod-g2\"", BatchTests.Definition(machine).ToJsonString(), StringComparison.Ordinal);
    }

    private static JsonNode Table(string name) => BatchTests.Definition(name, "reload")["States"]!["Tables"]!["ItemProcessor"]!["States"]!;

    private static string Payload(JsonNode task) => task["Parameters"]!["Payload"]!.ToJsonString();

    private static string[] Actions(JsonNode statement) => Texts(statement["Action"]!);

    private static string[] Texts(JsonNode oneOrMore) => oneOrMore is JsonArray several
        ? [.. several.Select(text => text!.ToString())]
        : [oneOrMore.ToString()];
}
