namespace CdcDms.Pipeline.Preflight;

/// <summary>
/// Every check of the source, in the order in which their cures can be run: first the server, then the role's rights, then the tables.
/// </summary>
internal static class SourceChecks
{
    public static IReadOnlyList<Check> All { get; } =
    [
        new("read-replica", ServerChecks.Replica),
        new("server-version", ServerChecks.Version),
        new("wal-level", ServerChecks.WalLevel),
        new("replication-slots", ServerChecks.FreeSlot),
        new("given-slot", ServerChecks.GivenSlot),
        new("wal-senders", ServerChecks.FreeSender),
        new("wal-sender-timeout", ServerChecks.SenderTimeout),
        new("slot-wal-limit", ServerChecks.KeptWal),
        new("prepared-transactions", ServerChecks.PreparedTransactions),
        new("failover-slots", StandbyChecks.Slots),
        new("standby-slots", StandbyChecks.Waiting),
        new("standby-feedback", StandbyChecks.Feedback),

        new("replication-right", RightChecks.Replication),
        new("session-timeouts", RightChecks.Timeouts),
        new("heartbeat-schema", RightChecks.Heartbeat),
        new("marker-table", MarkerChecks.Ask),
        new("ddl-capture", DdlCaptureCheck.Ask),
        Check.OfTable("table-rights", RightChecks.Tables),
        Check.OfTable("row-security", RightChecks.RowSecurity),

        new("missing-table", KindChecks.Missing),
        Check.OfTable("listed-columns", DefinitionChecks.Columns),
        Check.OfTable("unlogged", KindChecks.NotLogged),
        Check.OfTable("partitioned", KindChecks.Partitioned),
        Check.OfTable("inheritance", KindChecks.Inheritance),
        Check.OfTable("extension", KindChecks.Extension),
        Check.OfTable("table-name", NameChecks.Table),
        Check.OfTable("column-names", NameChecks.Columns),

        Check.OfTable("primary-key", KeyChecks.Primary),
        Check.OfTable("deferrable-key", KeyChecks.Deferrable),
        Check.OfTable("large-key", KeyChecks.Large),
        Check.OfTable("generated-key", KeyChecks.Generated),
        Check.OfTable("logged-key", KeyChecks.NotLogged),
        Check.OfTable("definition-key", KeyChecks.NotPrimary),
        Check.OfTable("replica-identity", KeyChecks.LargeValues),

        Check.OfTable("numeric-scale", ValueChecks.Numerics),
        Check.OfTable("large-values", ValueChecks.TooLarge),
        Check.OfTable("large-objects", ValueChecks.LargeObjects),
        new("not-measured", ValueChecks.NotMeasured),
    ];
}
