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
    public required AlarmTopics Topics { get; init; }
}

/// <summary>
/// Tells people when an environment costs more than it should. AWS counts what has the environment's tags, once somebody has activated
/// them as cost allocation tags in Billing (docs/deploy.md, "What it costs").
/// </summary>
internal sealed class CostBudget : Construct
{
    // CloudFormation's registry of resource types, as cfn-lint 1.51.0 has it: in other regions the whole stack would be refused.
    private static readonly HashSet<string> Regions =
    [
        "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-west-1", "eu-west-2", "eu-west-3",
        "eu-central-1", "ap-south-1",
        "ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-2", "cn-north-1", "cn-northwest-1",
    ];

    // AWS forecasts from what a month or more has cost: in the first weeks only what was spent is known.
    private const int EarlyPercent = 80;
    private const int FullPercent = 100;

    public CostBudget(Construct scope, string id, CostBudgetProps props)
        : base(scope, id)
    {
        var topic = props.Topics.AdmitBudgets();
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
                Told(topic, "FORECASTED", FullPercent),
                Told(topic, "ACTUAL", EarlyPercent),
                Told(topic, "ACTUAL", FullPercent),
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
        budget.Node.AddDependency(props.Topics.Warning);
    }

    /// <summary>Whether CloudFormation makes budgets in a region.</summary>
    public static bool IsKnownIn(string region) => Regions.Contains(region);

    private static CfnBudget.NotificationWithSubscribersProperty Told(string topic, string kind, int percent) => new()
    {
        Notification = new CfnBudget.NotificationProperty
        {
            NotificationType = kind,
            ComparisonOperator = "GREATER_THAN",
            Threshold = percent,
            ThresholdType = "PERCENTAGE",
        },
        Subscribers = new[] { new CfnBudget.SubscriberProperty { SubscriptionType = "SNS", Address = topic } },
    };
}
