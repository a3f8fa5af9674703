using CdcDms.Contract;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Naming;

/// <summary>The names under which people query the lake.</summary>
internal static class LakeNames
{
    /// <summary>The Athena workgroup.</summary>
    public static string WorkGroup(DeploymentEnvironment environment) => EnvironmentNames.Prefix(environment.Name);

    /// <summary>
    /// The database of the Glue catalogue. Athena takes no hyphen in a name (Athena documentation, Name databases, tables, and columns).
    /// </summary>
    public static string Database(DeploymentEnvironment environment) =>
        EnvironmentNames.Prefix(environment.Name).Replace('-', '_');
}
