namespace CdcDms.Infra.Environments.Reading;

internal static class DatabaseSettingsReader
{
    public static SourceSettings Source(Section source)
    {
        var settings = new SourceSettings
        {
            Location = Location(source, Pattern.SecretWithHost),
            Database = source.Text("database"),
            MovedFrom = source.OptionalText("movedFrom", Pattern.Place),
            Engine = source.Choice("engine", Defaults.Engine),
            Tls = Tls(source.Child("tls")),
            Heartbeat = Heartbeat(source.Child("heartbeat")),
            CaptureDdl = source.Flag("captureDdl", Defaults.CaptureDdl),
        };
        source.End();
        return settings;
    }

    public static AnalyticsSettings Analytics(Section analytics)
    {
        var settings = new AnalyticsSettings
        {
            Location = Location(analytics, Pattern.Secret),
            Database = analytics.Text("database"),
            MovedFrom = analytics.OptionalText("movedFrom", Pattern.Place),
            Tls = Tls(analytics.Child("tls")),
        };
        analytics.End();
        return settings;
    }

    private static DatabaseLocation Location(Section database, Pattern secret)
    {
        if (database.Has("create"))
            return Created(database.Child("create"));
        database.Findings.Require(
            !database.Has("rdsInstanceId") || !database.Has("rdsClusterId"),
            database.At("rdsClusterId"),
            "cannot stand beside rdsInstanceId: which instance of a cluster writes may change; keep one of them",
            database.At("rdsInstanceId"));
        return new ExistingDatabase
        {
            Host = database.Text("host", Pattern.Host),
            Port = database.Whole("port", Defaults.Port, 1, 65_535),
            SecretArn = database.Text("secretArn", secret),
            SecretKmsKeyArn = database.OptionalText("secretKmsKeyArn", Pattern.Key),
            Peer = Peer(database),
            RdsInstanceId = database.OptionalText("rdsInstanceId", Pattern.RdsInstance),
            RdsClusterId = database.OptionalText("rdsClusterId", Pattern.RdsCluster),
        };
    }

    private static CreatedDatabase Created(Section create)
    {
        var created = new CreatedDatabase
        {
            InstanceClass = create.Text("instanceClass", Defaults.RdsInstanceClass, Pattern.RdsClass),
            StorageGigabytes = create.Whole("storageGigabytes", Defaults.RdsStorageGigabytes, 20, 65_536),
        };
        create.End();
        return created;
    }

    private static DatabasePeer Peer(Section database)
    {
        var group = database.OptionalText("securityGroupId", Pattern.SecurityGroup);
        var cidr = database.OptionalText("cidr", Pattern.Cidr);
        database.Findings.Require(
            database.Has("securityGroupId") != database.Has("cidr"),
            database.At("securityGroupId"),
            "must be there, or cidr instead when the database is in another network; not both",
            database.At("cidr"));
        return group is not null ? new SecurityGroupPeer(group) : new CidrPeer(cidr ?? "");
    }

    private static TlsSettings Tls(Section tls)
    {
        var settings = new TlsSettings(tls.Choice("mode", Defaults.TlsMode), tls.OptionalText("caFile", Pattern.PemFile));
        tls.End();
        return settings;
    }

    private static HeartbeatSettings? Heartbeat(Section heartbeat)
    {
        var enabled = heartbeat.Flag("enabled", Defaults.HeartbeatEnabled);
        var settings = new HeartbeatSettings(
            heartbeat.Text("schema", Defaults.HeartbeatSchema),
            heartbeat.Whole("minutes", Defaults.HeartbeatMinutes, 1, 60));
        heartbeat.End();
        return enabled ? settings : null;
    }
}
