namespace CdcDms.Infra.Environments;

/// <summary>What an organization asks of everything in its accounts.</summary>
public sealed record GovernanceSettings
{
    /// <summary>Tags of every resource besides <c>Project</c> and <c>Environment</c>. Default: none.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>The managed policy that bounds the permissions of every role. Default: none.</summary>
    public string? PermissionsBoundaryArn { get; init; }

    /// <summary>The path of every role, such as <c>/data/</c>. Default: IAM's own, a slash.</summary>
    public string? RolePath { get; init; }

    /// <summary>
    /// The key that encrypts every log and the variables of every function. Default: keys that AWS owns or manages.
    /// </summary>
    public string? LogKmsKeyArn { get; init; }

    /// <summary>The repository whose workflows deploy the environment. Default: none.</summary>
    public GithubSettings? Github { get; init; }
}
