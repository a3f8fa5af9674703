namespace CdcDms.Infra.Environments.Reading;

internal static class GovernanceSettingsReader
{
    public static GovernanceSettings Read(Section governance)
    {
        var settings = new GovernanceSettings
        {
            Tags = governance.Map("tags", Pattern.Tag),
            PermissionsBoundaryArn = governance.OptionalText("permissionsBoundaryArn", Pattern.ManagedPolicy),
            RolePath = governance.OptionalText("rolePath", Pattern.RolePath),
            LogKmsKeyArn = governance.OptionalText("logKmsKeyArn", Pattern.Key),
            Github = governance.Has("github") ? ReadGithub(governance.Child("github")) : null,
        };
        governance.End();
        return settings;
    }

    private static GithubSettings ReadGithub(Section github)
    {
        var repository = github.Text("repository", Pattern.Repository);
        var settings = new GithubSettings
        {
            Repository = repository,
            Subject = github.OptionalText("subject", Pattern.GithubSubject) ?? $"repo:{repository}",
            CreateProvider = github.Flag("createProvider", Defaults.CreateGithubProvider),
        };
        github.End();
        return settings;
    }
}
