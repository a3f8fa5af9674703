using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;

namespace CdcDms.Infra.Notices;

/// <summary>
/// The addresses that messages name. Those of AWS's console are documented nowhere: they are as the console itself shows them, and as
/// public programs make them.
/// </summary>
internal sealed class MessageLinks(DeploymentEnvironment environment)
{
    private const string InProject = "docs/runbook.md";

    private string Region => environment.Region;

    // Each partition has a console of its own.
    private string Console => Region switch
    {
        ['c', 'n', '-', ..] => $"https://{Region}.console.amazonaws.cn",
        ['u', 's', '-', 'g', 'o', 'v', '-', ..] => $"https://{Region}.console.amazonaws-us-gov.com",
        _ => $"https://{Region}.console.aws.amazon.com",
    };

    /// <summary>
    /// The runbook's page: the one that the environment file names, else that of the GitHub repository that it names, else its path in this
    /// project.
    /// </summary>
    public string RunbookPage => environment.Alarms.RunbookUrl ?? (environment.Governance.Github is { Repository: var repository }
        ? $"https://github.com/{repository}/blob/HEAD/{InProject}"
        : InProject);

    /// <summary>The dashboard, which also shows whether a deployment is under way.</summary>
    public string Dashboard =>
        $"{Console}/cloudwatch/home?region={Region}#dashboards/dashboard/{MonitoringNames.Dashboard(environment)}";

    /// <summary>The log groups of the environment's functions and state machines.</summary>
    public string Logs => $"{Console}/cloudwatch/home?region={Region}"
        + $"#logsV2:log-groups$3FlogGroupNameFilter$3D{MonitoringNames.Dashboard(environment)}";

    /// <summary>
    /// What the environment has cost this month, by service and day, of what has its tag. Cost Explorer is where its partition has it.
    /// </summary>
    public string CostExplorer
    {
        get
        {
            var filter = $$$"""
                [{"dimension":{"id":"TagKey","displayValue":"Tag"},"operator":"INCLUDES",
                "values":[{"value":"{{{environment.Name}}}","displayValue":"{{{environment.Name}}}"}],
                "growableValue":{"value":"Environment","displayValue":"Environment"}}]
                """.ReplaceLineEndings("");
            return $"{Console}/costmanagement/home#/cost-explorer?chartStyle=STACK&costAggregate=unBlendedCost&granularity=Daily"
                + $"&groupBy={Uri.EscapeDataString("[\"Service\"]")}&historicalRelativeRange=MONTH_TO_DATE"
                + $"&filter={Uri.EscapeDataString(filter)}";
        }
    }

    /// <summary>An execution of a state machine.</summary>
    /// <param name="arn">Its ARN, or what stands for it in a template.</param>
    public string Execution(string arn) => $"{Console}/states/home?region={Region}#/v2/executions/details/{arn}";

    /// <summary>A section of the runbook.</summary>
    public string Runbook(string section) => $"{RunbookPage}#{section}";

    /// <summary>Where the reader of a message goes on.</summary>
    public string DashboardAndRunbook(string section) => $"Dashboard: {Dashboard} Runbook: {Runbook(section)}";
}
