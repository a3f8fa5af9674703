using CdcDms.Infra.Policies;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;
using static System.StringComparison;

namespace CdcDms.Infra.Tests.Stacks;

public class CostBudgetTests
{
    [Theory]
    [InlineData("eu-north-1", "$.budget: CloudFormation has no budgets in eu-north-1")]
    [InlineData("eu-central-1")]
    public void A_budget_is_refused_where_CloudFormation_has_none(string region, params string[] says)
    {
        var environment = new EnvironmentJson("prod").With("budget.monthlyDollars", 500).Read() with { Region = region };

        Assert.Equal(says, SynthesizedEnvironment.RegionFaultsOf(environment).Select(fault => fault.Split(';')[0]));
    }

    [Fact]
    public void A_budget_counts_what_has_both_tags_and_tells_the_topic_of_warnings_when_it_is_nearly_and_when_it_is_all_spent()
    {
        var operations = SynthesizedEnvironment.Of(new EnvironmentJson("prod")
            .With("budget.monthlyDollars", 500)
            .With("governance.tags", """{"Project":"Lake"}""")).Stack("operations");
        var budget = operations.One("AWS::Budgets::Budget");
        var topic = Assert.Single(
            operations.OfType("AWS::SNS::Topic"), topic => topic.Text("DisplayName").EndsWith("warnings", Ordinal)).Id;

        Assert.Equal("""{"Amount":500,"Unit":"USD"}""", budget["Budget"]!["BudgetLimit"]!.ToJsonString());
        Assert.Equal(
            ["""{"Tags":{"Key":"Environment","Values":["prod"]}}""", """{"Tags":{"Key":"Project","Values":["Lake"]}}"""],
            budget["Budget"]!["FilterExpression"]!["And"]!.AsArray().Select(tag => tag!.ToJsonString()).Order());
        Assert.Equal(
            ["FORECASTED 100", "ACTUAL 80", "ACTUAL 100"],
            budget["NotificationsWithSubscribers"]!.AsArray().Select(told =>
                $"{told!["Notification"]!["NotificationType"]} {told["Notification"]!["Threshold"]}"));
        Assert.All(budget["NotificationsWithSubscribers"]!.AsArray(), told => Assert.Equal(
            $$"""[{"Address":{"Ref":"{{topic}}"},"SubscriptionType":"SNS"}]""", told!["Subscribers"]!.ToJsonString()));
        Assert.Contains("budgets.amazonaws.com", operations.One("AWS::KMS::Key").Text("KeyPolicy"), Ordinal);
        Assert.Contains(
            "budgets.amazonaws.com",
            Assert.Single(operations.OfType("AWS::SNS::TopicPolicy"), policy => policy.Text("Topics").Contains(topic, Ordinal))
                .Text("PolicyDocument"),
            Ordinal);
        Assert.Empty(PolicyCheck.Violations("operations", operations.Template));
    }

    [Fact]
    public void Without_a_budget_none_is_made_and_nobody_else_may_publish()
    {
        var operations = SynthesizedEnvironment.Of("prod").Stack("operations");

        Assert.Empty(operations.OfType("AWS::Budgets::Budget"));
        Assert.DoesNotContain("budgets.amazonaws.com", operations.Template.ToJsonString(), Ordinal);
    }

    [Theory]
    [InlineData("arn:aws:sns:eu-central-1:444455556666:oncall", true)]
    [InlineData("me@example.com", false)]
    public void A_budget_tells_the_one_topic_of_which_somebody_hears(string told, bool isTheirs)
    {
        var operations = SynthesizedEnvironment.Of(new EnvironmentJson("prod")
            .With("budget.monthlyDollars", 500).With("alarms.warning", new[] { told })).Stack("operations");

        var address = operations.One("AWS::Budgets::Budget")["NotificationsWithSubscribers"]![0]!["Subscribers"]![0]!["Address"]!;

        Assert.Equal(isTheirs, address.ToJsonString() == $"\"{told}\"");
    }
}
