namespace CdcDms.Contract;

/// <summary>
/// Names of the metrics that the functions write and the alarms and dashboards read. Their dimension is [Environment]; those that are read
/// of a single table have [Environment, Table] too. CloudWatch charges for each name with each table, so these are few: ages, what was
/// read, put aside or differs, and the seconds of phases. The lines of the log have everything by table.
/// </summary>
public static class MetricNames
{
#pragma warning disable CS1591 // The names say it; units are in CloudWatch's.
    public const string Namespace = "CdcDms";
    public const string EnvironmentDimension = "Environment";
    public const string TableDimension = "Table";

    public const string RowsRead = "RowsRead";
    public const string RowsInserted = "RowsInserted";
    public const string RowsUpdated = "RowsUpdated";
    public const string RowsUnchanged = "RowsUnchanged";
    public const string RowsDeleted = "RowsDeleted";
    public const string RowsSuperseded = "RowsSuperseded";
    public const string RowsStale = "RowsStale";
    public const string RowsQuarantined = "RowsQuarantined";
    public const string RowsPerSecond = "RowsPerSecond";

    public const string Files = "Files";
    public const string FilesRejected = "FilesRejected";
    public const string Bytes = "Bytes";
    public const string ListSeconds = "ListSeconds";
    public const string FetchSeconds = "FetchSeconds";
    public const string PrepareSeconds = "PrepareSeconds";
    public const string ReduceSeconds = "ReduceSeconds";
    public const string CopySeconds = "CopySeconds";
    public const string MergeSeconds = "MergeSeconds";
#pragma warning restore CS1591

    /// <summary>Seconds from the newest change's commit at the source to the batch's commit in analytics.</summary>
    public const string LagSeconds = "LagSeconds";

    /// <summary>Seconds since the time up to which every change at the source is known to be merged.</summary>
    public const string FreshnessSeconds = "FreshnessSeconds";

    /// <summary>Seconds since the oldest cause for which a table is unproven; 0 for a table that is proven.</summary>
    public const string UnprovenSeconds = "UnprovenSeconds";

    /// <summary>Seconds since the newest marker in the ledger was committed at the source.</summary>
    public const string MarkerAgeSeconds = "MarkerAgeSeconds";

    /// <summary>1 when the versions of markers do not rise with their numbers, else 0.</summary>
    public const string MarkersOutOfOrder = "MarkersOutOfOrder";

    /// <summary>Files with markers that could not be read.</summary>
    public const string MarkerFilesRejected = "MarkerFilesRejected";

    /// <summary>1 when a merge could not delete files that were merged as long ago as the lake keeps them; only then.</summary>
    public const string DeletionsFailed = "DeletionsFailed";

    /// <summary>1 when a health check could look at everything, else 0.</summary>
    public const string HealthChecked = "HealthChecked";

    /// <summary>1 while the replication runs or is on its way there, 0 while it stands still or does not exist.</summary>
    public const string ReplicationRuns = "ReplicationRuns";

    /// <summary>Tables of whose changes DMS brings none.</summary>
    public const string TablesNotReplicating = "TablesNotReplicating";

    /// <summary>Tables that DMS is loading, or will soon.</summary>
    public const string TablesLoading = "TablesLoading";

    /// <summary>Tables into which nothing is merged until somebody resumes them.</summary>
    public const string TablesParked = "TablesParked";

    /// <summary>Tables of which nobody knows whether they have exactly the rows of their source.</summary>
    public const string TablesUnproven = "TablesUnproven";

    /// <summary>Age of the newest full proof that found a table right, or repaired it: of all tables the most.</summary>
    public const string OldestProofSeconds = "OldestProofSeconds";

    /// <summary>Open changes in the quarantine.</summary>
    public const string ChangesInQuarantine = "ChangesInQuarantine";

    /// <summary>Files that cannot be read, until they are replaced.</summary>
    public const string FilesUnreadable = "FilesUnreadable";

    /// <summary>Age of the oldest change file that is not merged; of a table only where it waits longer than it should.</summary>
    public const string OldestWaitingFileSeconds = "OldestWaitingFileSeconds";

    /// <summary>The most WAL that the source keeps for a replication slot.</summary>
    public const string SlotRetainedBytes = "SlotRetainedBytes";

    /// <summary>Replication slots whose WAL the source has removed, or is about to remove.</summary>
    public const string SlotsLost = "SlotsLost";

    /// <summary>Keys whose rows were read at the source for proofs.</summary>
    public const string KeysAsked = "KeysAsked";

    /// <summary>Keys that differed from the source, as judged proofs tell, those that were repaired included.</summary>
    public const string KeysDifferent = "KeysDifferent";

    /// <summary>Keys that differed and were repaired.</summary>
    public const string KeysRepaired = "KeysRepaired";

    /// <summary>Keys of which judged proofs say nothing: they changed meanwhile, or have a quarantined change.</summary>
    public const string KeysNotJudged = "KeysNotJudged";

    /// <summary>1 while a deployment stops or starts the replication.</summary>
    public const string Deploying = "Deploying";

    /// <summary>Messages of workflows that a topic did not take.</summary>
    public const string MessagesUntold = "MessagesUntold";

    /// <summary>1 when a replication was started that had never worked.</summary>
    public const string FirstStart = "FirstStart";

    /// <summary>Proofs of which nothing could be said.</summary>
    public const string ProofsNotProven = "ProofsNotProven";

    /// <summary>1 when a merge could not judge proofs that are due, which the next one tries again; only then.</summary>
    public const string ProofsNotJudged = "ProofsNotJudged";
}
