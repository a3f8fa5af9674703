namespace CdcDms.Contract.Tables;

/// <summary>Which tables' changes Spark can reduce.</summary>
public static class SparkFit
{
    /// <summary>Why Spark cannot reduce a table's changes, as half a sentence; null when it can.</summary>
    public static string? Fault(TableDefinition table) => table switch
    {
        { Feed: not null } => "it is fed from plain files, whose order is their place",
        { Ordering: ChangeOrdering.Timestamp } => "its changes are ordered by time, and of two at one time by their place in the files",
        { LobUpdates: LobUpdates.KeepOnNull } => "its lobUpdates are keepOnNull, so that older changes count besides the last",
        _ => null,
    };
}
