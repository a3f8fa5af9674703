namespace CdcDms.Contract;

/// <summary>How the names of everything that an environment owns begin.</summary>
public static class EnvironmentNames
{
    /// <summary>Such as <c>cdcdms-prod</c>.</summary>
    /// <param name="environment">The environment's name.</param>
    public static string Prefix(string environment) => $"cdcdms-{environment}";
}
