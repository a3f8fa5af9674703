using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Naming;

/// <summary>Fixed names, by which the workflow is watched from another stack.</summary>
internal static class BatchNames
{
    /// <summary>The workflow over all tables.</summary>
    public static string Workflow(DeploymentEnvironment environment) => $"cdcdms-{environment.Name}-batch";

    /// <summary>The workflow of one table, its child.</summary>
    public static string TableWorkflow(DeploymentEnvironment environment) => $"cdcdms-{environment.Name}-batch-table";

    /// <summary>The queue of starts that could not be delivered.</summary>
    public static string Undelivered(DeploymentEnvironment environment) => $"cdcdms-{environment.Name}-batch-undelivered";
}
