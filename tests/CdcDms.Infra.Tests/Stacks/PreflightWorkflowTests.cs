using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class PreflightWorkflowTests
{
    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Before_starts_the_look_which_is_there_before_it(string name)
    {
        var stack = SynthesizedEnvironment.Of(name).Stack("replication");
        var before = stack.One("Custom::CdcDmsBefore");
        var needed = before.Json["DependsOn"]!.AsArray().Select(id => id!.GetValue<string>()).ToList();

        Assert.EndsWith($":stateMachine:cdcdms-{name}-preflight", before.Text("preflight"), StringComparison.Ordinal);
        Assert.Contains(Machine(stack).Id, needed);
        Assert.Contains(Function(stack).Id, needed);
        Assert.All(
            stack.OfType("AWS::IAM::Policy").Where(policy => policy.Id.StartsWith("Preflight", StringComparison.Ordinal)),
            policy => Assert.Contains(policy.Id, needed));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Lifecycle_may_start_the_look_and_see_its_end_and_no_other(string name)
    {
        var statements = SynthesizedEnvironment.Of(name).Stack("replication").OfType("AWS::IAM::Policy")
            .Single(policy => policy.Id.StartsWith("LifecycleFunction", StringComparison.Ordinal))["PolicyDocument"]!["Statement"]!
            .AsArray()
            .Where(statement => statement!["Action"]!.ToJsonString().Contains("states:", StringComparison.Ordinal))
            .Select(statement => (statement!["Action"]!.ToString(), statement["Resource"]!.ToJsonString().Trim('"'))).ToList();

        Assert.Equal(["states:StartExecution", "states:DescribeExecution"], statements.Select(statement => statement.Item1));
        Assert.EndsWith($":stateMachine:cdcdms-{name}-preflight", statements[0].Item2, StringComparison.Ordinal);
        Assert.EndsWith($":execution:cdcdms-{name}-preflight:*", statements[1].Item2, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_function_is_in_the_vpc_knows_both_databases_and_is_told_what_the_task_asks_of_them(string name)
    {
        var environment = SynthesizedEnvironment.Of(name);
        var stack = environment.Stack("replication");
        var payload = BatchTests.Definition(Machine(stack))["States"]!["Look"]!["Parameters"]!["Payload"]!;

        Assert.NotNull(Function(stack)["VpcConfig"]);
        Assert.NotNull(BatchTests.Variables(Function(stack))["CDCDMS_SOURCE_SECRET"]);
        Assert.NotNull(BatchTests.Variables(Function(stack))["CDCDMS_TARGET_SECRET"]);
        Assert.Contains("AWS-Parameters-and-Secrets", Function(stack).Text("Layers"), StringComparison.Ordinal);
        Assert.Equal(
            environment.Environment.Tables.Select(table => table.Target),
            payload["tables"]!.AsArray().Select(table => table!["target"]!.GetValue<string>()));
        Assert.Equal("$.only", payload["only.$"]!.GetValue<string>());
        Assert.Equal(environment.Environment.Replication.LobKilobytes, payload["lobKilobytes"]!.GetValue<int>());
        Assert.Equal(environment.Environment.Source.CaptureDdl, payload["captureDdl"]!.GetValue<bool>());
        Assert.Equal(environment.Environment.Source.Heartbeat?.Schema, payload["heartbeatSchema"]?.GetValue<string>());
        Assert.Equal(name == "dev", payload["engineVersion"] is null);
    }

    [Fact]
    public void Losses_that_an_environment_accepts_reach_Before()
    {
        var accepting = SynthesizedEnvironment.Of(
            new EnvironmentJson("prod").With("replication.acceptedLosses", new[] { "numeric-scale" })).Stack("replication");

        Assert.Equal("""["numeric-scale"]""", accepting.One("Custom::CdcDmsBefore").Text("acceptedLosses"));
        Assert.Null(SynthesizedEnvironment.Of("prod").Stack("replication").One("Custom::CdcDmsBefore")["acceptedLosses"]);
    }

    [Fact]
    public void The_connection_by_which_rows_are_read_for_proofs_is_looked_at_where_the_environment_names_one()
    {
        const string secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders/reader-AbCdEf";
        var stack = SynthesizedEnvironment.Of(new EnvironmentJson("prod").With("validation.source.secretArn", secret)).Stack("replication");

        Assert.Equal(secret, BatchTests.Variables(Function(stack))["CDCDMS_READ_SOURCE_SECRET"]!.GetValue<string>());
        Assert.Contains(
            stack.OfType("AWS::IAM::Policy"),
            policy => policy.Id.StartsWith("PreflightFunction", StringComparison.Ordinal)
                && policy.Json.ToJsonString().Contains(secret, StringComparison.Ordinal));
    }

    private static TemplateResource Machine(TemplateResources stack) => stack.OfType("AWS::StepFunctions::StateMachine")
        .Single(machine => machine.Text("StateMachineName").EndsWith("-preflight", StringComparison.Ordinal));

    private static TemplateResource Function(TemplateResources stack) => stack.OfType("AWS::Lambda::Function")
        .Single(function => BatchTests.Variables(function)["CDCDMS_FUNCTION"]!.GetValue<string>() == "preflight");
}
