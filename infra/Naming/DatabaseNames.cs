using CdcDms.Contract;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Naming;

/// <summary>The names of databases that an environment makes itself.</summary>
internal static class DatabaseNames
{
    /// <summary>The RDS instance.</summary>
    /// <param name="environment">The environment that makes it.</param>
    /// <param name="role">The part that the database plays, in lower case.</param>
    public static string Instance(DeploymentEnvironment environment, string role) => $"{EnvironmentNames.Prefix(environment.Name)}-{role}";
}
