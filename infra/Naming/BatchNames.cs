using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Naming;

/// <summary>The fixed names of the workflow, by which another stack watches it.</summary>
internal static class BatchNames
{
    /// <summary>The workflow over all tables.</summary>
    public static string Workflow(DeploymentEnvironment environment) => WorkflowNames.Workflow(environment.Name);

    /// <summary>The workflow of one table, a child of the first.</summary>
    public static string TableWorkflow(DeploymentEnvironment environment) => WorkflowNames.TableWorkflow(environment.Name);

    /// <summary>The state machine of full proofs.</summary>
    public static string ProofWorkflow(DeploymentEnvironment environment) => WorkflowNames.ProofWorkflow(environment.Name);

    /// <summary>The state machine that has DMS load tables again.</summary>
    public static string ReloadWorkflow(DeploymentEnvironment environment) => WorkflowNames.ReloadWorkflow(environment.Name);

    /// <summary>The state machine that looks how the pipeline is.</summary>
    public static string HealthWorkflow(DeploymentEnvironment environment) => WorkflowNames.HealthWorkflow(environment.Name);

    /// <summary>The function that does what operators ask for.</summary>
    public static string Operate(DeploymentEnvironment environment) => WorkflowNames.OperateFunction(environment.Name);

    /// <summary>The function that writes markers.</summary>
    public static string WriteMarker(DeploymentEnvironment environment) =>
        $"{EnvironmentNames.Prefix(environment.Name)}-{FunctionNames.WriteMarker}";

    /// <summary>The Glue job that reduces change files.</summary>
    public static string SparkJob(DeploymentEnvironment environment) => $"{EnvironmentNames.Prefix(environment.Name)}-spark";

    /// <summary>The queue of starts that could not be delivered.</summary>
    public static string Undelivered(DeploymentEnvironment environment) => $"{Workflow(environment)}-undelivered";
}
