using CdcDms.Contract;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Naming;

/// <summary>The names under which people find alarms and dashboard.</summary>
internal static class MonitoringNames
{
    /// <summary>The dashboard.</summary>
    public static string Dashboard(DeploymentEnvironment environment) => EnvironmentNames.Prefix(environment.Name);

    /// <summary>An alarm.</summary>
    /// <param name="environment">Where it rings.</param>
    /// <param name="name">Name of its section in the runbook.</param>
    /// <param name="severity">How soon somebody must look: <c>warning</c> or <c>critical</c>.</param>
    public static string Alarm(DeploymentEnvironment environment, string name, string severity) =>
        $"{EnvironmentNames.Prefix(environment.Name)}-{name}-{severity}";
}
