namespace CdcDms.Infra.Environments.Reading;

internal static class LakeSettingsReader
{
    // Intelligent-Tiering moves what nobody read for 30 days, and asks a fee for each object from the first day on.
    private const int FewestTieredDays = 60;

    public static LakeSettings Read(Section lake)
    {
        var retention = lake.Whole("retentionDays", Defaults.RetentionDays, 1, 36_500);
        var pays = retention - Defaults.TieringAfterDays >= FewestTieredDays;
        var settings = new LakeSettings
        {
            Prefix = lake.Text("prefix", Defaults.LakePrefix, Pattern.Folder),
            Compression = lake.Choice("compression", Defaults.Compression),
            RetentionDays = retention,
            TieringAfterDays = lake.OptionalWhole("tieringAfterDays", 0, 36_500) ?? (pays ? Defaults.TieringAfterDays : null),
            BucketName = lake.OptionalText("bucketName", Pattern.Bucket),
            KmsKeyArn = lake.OptionalText("kmsKeyArn", Pattern.Key),
            Catalogue = lake.Flag("catalogue", Defaults.Catalogue),
        };
        lake.Findings.Require(
            settings.TieringAfterDays is not { } days || days + FewestTieredDays <= retention,
            lake.At("tieringAfterDays"),
            $"must be {FewestTieredDays} days below retentionDays ({retention}): before, Intelligent-Tiering costs more than it saves; "
            + "leave it out for none",
            lake.At("retentionDays"));
        lake.Findings.Require(
            settings.Prefix.Split('/')[0] != LakeSettings.QueryResults,
            lake.At("prefix"),
            $"is where Athena's results are, which are deleted after a week; choose another than {LakeSettings.QueryResults}");
        lake.End();
        return settings;
    }
}
