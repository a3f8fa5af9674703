using CdcDms.Contract;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Naming;

/// <summary>The name under which people query the lake.</summary>
internal static class LakeNames
{
    /// <summary>The Athena workgroup.</summary>
    public static string WorkGroup(DeploymentEnvironment environment) => EnvironmentNames.Prefix(environment.Name);
}
