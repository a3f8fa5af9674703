namespace CdcDms.Infra.Environments;

/// <summary>The GitHub repository whose workflows deploy the environment.</summary>
public sealed record GithubSettings
{
    /// <summary>Owner and name, such as <c>octo-org/pipeline</c>, in GitHub's own spelling.</summary>
    public required string Repository { get; init; }

    /// <summary>
    /// Whether GitHub's OIDC provider is made. An account has it once. Default: <see cref="Defaults.CreateGithubProvider"/>.
    /// </summary>
    public required bool CreateProvider { get; init; }
}
