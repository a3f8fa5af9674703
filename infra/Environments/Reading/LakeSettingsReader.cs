namespace CdcDms.Infra.Environments.Reading;

internal static class LakeSettingsReader
{
    public static LakeSettings Read(Section lake)
    {
        var settings = new LakeSettings
        {
            Prefix = lake.Text("prefix", Defaults.LakePrefix, Pattern.Folder),
            Compression = lake.Choice("compression", Defaults.Compression),
            RetentionDays = lake.Whole("retentionDays", Defaults.RetentionDays, 1, 36_500),
            TieringAfterDays = lake.Whole("tieringAfterDays", Defaults.TieringAfterDays, 0, 36_500),
            Catalogue = lake.Flag("catalogue", Defaults.Catalogue),
        };
        lake.Findings.Require(
            settings.TieringAfterDays < settings.RetentionDays,
            lake.At("tieringAfterDays"),
            $"must be below retentionDays ({settings.RetentionDays})",
            lake.At("retentionDays"));
        lake.End();
        return settings;
    }
}
