using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Environments.Reading;

internal static class ValidationSettingsReader
{
    public static ValidationSettings Read(Section validation, IReadOnlyList<TableDefinition> tables)
    {
        var settings = new ValidationSettings
        {
            SampleKeys = validation.Whole("sampleKeys", Defaults.SampleKeys, 0, 10_000),
            Full = ReadFull(validation.Child("full"), tables),
            Source = validation.Has("source") ? ReadSource(validation.Child("source")) : null,
            Repair = validation.Choice("repair", Defaults.Repair),
        };
        validation.End();
        return settings;
    }

    private static ReadSourceSettings ReadSource(Section source)
    {
        var settings = new ReadSourceSettings
        {
            SecretArn = source.Text("secretArn", Pattern.SecretWithHost),
            SecretKmsKeyArn = source.OptionalText("secretKmsKeyArn", Pattern.Key),
            Port = source.Whole("port", Defaults.Port, 1, 65_535),
            SecurityGroupId = source.OptionalText("securityGroupId", Pattern.SecurityGroup),
        };
        source.End();
        return settings;
    }

    private static FullProofSettings? ReadFull(Section full, IReadOnlyList<TableDefinition> tables)
    {
        var enabled = full.Flag("enabled", Defaults.FullProofEnabled);
        var settings = new FullProofSettings(
            ScheduleReader.Read(full, Defaults.FullProofSchedule), full.Sources("leaveOut", tables));
        full.End();
        return enabled ? settings : null;
    }
}
