namespace CdcDms.Infra.Environments;

/// <summary>The GitHub repository whose workflows deploy the environment.</summary>
public sealed record GithubSettings
{
    /// <summary>Owner and name, such as <c>octo-org/pipeline</c>, in GitHub's own spelling.</summary>
    public required string Repository { get; init; }

    /// <summary>
    /// How the subject of GitHub's tokens names the repository. Default: <c>repo:OWNER/NAME</c>, as of repositories that were made, and
    /// last renamed, before July 2026; those made later have numbers in it (GitHub documentation, "OpenID Connect reference").
    /// </summary>
    public required string Subject { get; init; }

    /// <summary>
    /// Whether GitHub's OIDC provider is made. An account has it once. Default: <see cref="Defaults.CreateGithubProvider"/>.
    /// </summary>
    public required bool CreateProvider { get; init; }
}
