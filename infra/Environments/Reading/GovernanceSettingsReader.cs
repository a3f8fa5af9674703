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
        };
        governance.End();
        return settings;
    }
}
