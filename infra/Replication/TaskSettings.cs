using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Replication;

/// <summary>
/// The settings of the task, under DMS's own names. Those whose value decides something are explained with the facts about DMS
/// (docs/dms-contract.md#task-settings); those that are left out have defaults that fit. CloudWatchLogGroup and CloudWatchLogStream
/// must not be sent at all.
/// </summary>
internal static class TaskSettings
{
    private static readonly JsonSerializerOptions Options = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    private static readonly string[] LogComponents = ["SOURCE_UNLOAD", "SOURCE_CAPTURE", "TARGET_LOAD", "TARGET_APPLY", "TASK_MANAGER"];

    /// <summary>The settings as the JSON text that a task takes.</summary>
    /// <param name="lobKilobytes">Size that a large value may have.</param>
    /// <param name="load">How much is loaded at a time.</param>
    /// <param name="route">Where DMS writes to.</param>
    public static string Json(int lobKilobytes, LoadPace load, ReplicationRoute route) => JsonSerializer.Serialize(new
    {
        // Old keys in files are told by a rule of each table (TableMappings): these settings are those of streams alone.
        BeforeImageSettings = route is StreamRoute
            ? new { EnableBeforeImage = true, FieldName = "before-image", ColumnFilter = "pk-only" }
            : null,


        // Without LOB support every text, json and array column would be missing; full LOB mode does not exist for S3.
        TargetMetadata = new
        {
            SupportLobs = true,
            FullLobMode = false,
            LimitedSizeLobMode = true,
            LobMaxSize = lobKilobytes,

            // Batch apply may lose data on S3 (docs/dms-contract.md#s3-role-and-limits).
            BatchApplyEnabled = false,
        },

        // Preparing would delete the table's folder. A load that comes again parks its table instead.
        FullLoadSettings = new
        {
            TargetTablePrepMode = "DO_NOTHING",
            StopTaskCachedChangesApplied = false,
            StopTaskCachedChangesNotApplied = false,
            MaxFullLoadSubTasks = load.Tables,
            TransactionConsistencyTimeout = 600,
            CommitRate = load.Rows,
        },
        Logging = new
        {
            EnableLogging = true,
            LogComponents = LogComponents.Select(id => new { Id = id, Severity = "LOGGER_SEVERITY_DEFAULT" }),
        },
        ControlTablesSettings = new
        {
            ControlSchema = "",
            HistoryTableEnabled = false,
            SuspendedTablesTableEnabled = false,
            StatusTableEnabled = false,
            FullLoadExceptionTableEnabled = false,
        },

        // A DROP or TRUNCATE at the source must not delete the table's history from the lake (docs/dms-contract.md#schema-changes).
        ChangeProcessingDdlHandlingPolicy = new
        {
            HandleSourceTableDropped = false,
            HandleSourceTableTruncated = false,
            HandleSourceTableAltered = true,
        },

        // A row that DMS cannot write suspends its table, where it is noticed, instead of being skipped with a line in a log.
        ErrorBehavior = new
        {
            DataErrorPolicy = "SUSPEND_TABLE",
            DataTruncationErrorPolicy = "SUSPEND_TABLE",
            DataErrorEscalationPolicy = "SUSPEND_TABLE",
            DataErrorEscalationCount = 0,
            TableErrorPolicy = "SUSPEND_TABLE",
            TableErrorEscalationPolicy = "STOP_TASK",
            TableErrorEscalationCount = 0,
            RecoverableErrorCount = -1,
            RecoverableErrorInterval = 5,
            RecoverableErrorThrottling = true,
            RecoverableErrorThrottlingMax = 1_800,
            RecoverableErrorStopRetryAfterThrottlingMax = false,
            FullLoadIgnoreConflicts = true,
            FailOnNoTablesCaptured = true,
        },
        ValidationSettings = new { EnableValidation = false },
    }, Options);
}
