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

    /// <summary>An alarm that tells nobody, and on which others rest.</summary>
    public static string Quiet(DeploymentEnvironment environment, string name) => $"{EnvironmentNames.Prefix(environment.Name)}-{name}";

    /// <summary>What an alarm that is quiet at times measures.</summary>
    /// <param name="alarm">The alarm's name.</param>
    public static string Measured(string alarm) => $"{alarm}-measured";

    /// <summary>That the replication has not run for as long as an alarm looks back.</summary>
    /// <param name="alarm">The alarm's name.</param>
    public static string Young(string alarm) => $"{alarm}-young";

    /// <summary>
    /// Lines of errors in DMS's log. The metric of a log has no dimension that its lines do not hold, so the environment is in the name.
    /// </summary>
    public static string ReplicationErrors(DeploymentEnvironment environment) => $"ReplicationErrors-{environment.Name}";

    /// <summary>The saved query that shows these lines; a slash makes a folder.</summary>
    public static string ErrorLines(DeploymentEnvironment environment) => $"{EnvironmentNames.Prefix(environment.Name)}/replication-errors";

    /// <summary>The saved query that shows what the function of a stream has written.</summary>
    public static string StreamLines(DeploymentEnvironment environment) => $"{EnvironmentNames.Prefix(environment.Name)}/stream";

    /// <summary>The rule of events that the replication has stopped, whose metric an alarm watches.</summary>
    public static string StoppedRule(DeploymentEnvironment environment) =>
        $"{EnvironmentNames.Prefix(environment.Name)}-replication-stopped";
}
