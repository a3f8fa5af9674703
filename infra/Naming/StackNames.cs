using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Naming;

/// <summary>The names of an environment's stacks.</summary>
internal static class StackNames
{
    public static string Network(DeploymentEnvironment environment) => Of(environment, "network");

    public static string Databases(DeploymentEnvironment environment) => Of(environment, "databases");

    public static string Lake(DeploymentEnvironment environment) => Of(environment, "lake");

    public static string Replication(DeploymentEnvironment environment) =>
        WorkflowNames.ReplicationStack(environment.Name);

    public static string Operations(DeploymentEnvironment environment) => Of(environment, "operations");

    public static string Batch(DeploymentEnvironment environment) => WorkflowNames.Stack(environment.Name);

    public static string Github(DeploymentEnvironment environment) => Of(environment, "github");

    private static string Of(DeploymentEnvironment environment, string part) => $"{EnvironmentNames.Prefix(environment.Name)}-{part}";
}
