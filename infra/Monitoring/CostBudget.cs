using Amazon.CDK.AWS.Budgets;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Monitoring;

/// <summary>What a budget needs.</summary>
internal sealed record CostBudgetProps
{
    public required DeploymentEnvironment Environment { get; init; }

    public required BudgetSettings Budget { get; init; }

    /// <summary>Where people are told.</summary>
    public required AlarmTopic Topic { get; init; }
}

/// <summary>
/// Tells people when an environment costs more than it should. AWS counts what has the environment's tags, once somebody has activated
/// them as cost allocation tags in Billing (docs/deploy.md, "What it costs").
/// </summary>
internal sealed class CostBudget : Construct
{
    private const int ForecastPercent = 80;
    private const int ActualPercent = 100;

    public CostBudget(Construct scope, string id, CostBudgetProps props)
        : base(scope, id)
    {
        props.Topic.AdmitBudgets();
        var budget = new CfnBudget(this, "Budget", new CfnBudgetProps
        {
            Budget = new CfnBudget.BudgetDataProperty
            {
                BudgetType = "COST",
                TimeUnit = "MONTHLY",
                BudgetLimit = new CfnBudget.SpendProperty { Amount = props.Budget.MonthlyDollars, Unit = "USD" },
            },
            NotificationsWithSubscribers = new[]
            {
                Told(props, "FORECASTED", ForecastPercent),
                Told(props, "ACTUAL", ActualPercent),
            },
        });

        // The filter that says "both tags"; it came after this version of CDK, and asks for the metric to be named.
        budget.AddPropertyOverride("Budget.FilterExpression.And", Governance.TagsOf(props.Environment)
            .Where(tag => tag.Key is Governance.Project or Governance.Environment)
            .Select(tag => new Dictionary<string, object>
            {
                ["Tags"] = new Dictionary<string, object> { ["Key"] = tag.Key, ["Values"] = new[] { tag.Value } },
            })
            .ToArray());
        budget.AddPropertyOverride("Budget.Metrics", new[] { "UnblendedCost" });
        budget.Node.AddDependency(props.Topic.Topic);
    }

    private static CfnBudget.NotificationWithSubscribersProperty Told(CostBudgetProps props, string kind, int percent) => new()
    {
        Notification = new CfnBudget.NotificationProperty
        {
            NotificationType = kind,
            ComparisonOperator = "GREATER_THAN",
            Threshold = percent,
            ThresholdType = "PERCENTAGE",
        },
        Subscribers = new[] { new CfnBudget.SubscriberProperty { SubscriptionType = "SNS", Address = props.Topic.Topic.TopicArn } },
    };
}
