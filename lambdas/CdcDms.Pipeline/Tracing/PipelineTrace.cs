using System.Diagnostics;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Tracing;

/// <summary>
/// The engine's spans: <c>merge</c> with one <c>batch</c> for each attempt to apply files and one span for each phase of it, and
/// <c>compare</c>. Tags hold names and counts, never a row's values. Without a listener a span costs one comparison.
/// </summary>
public static class PipelineTrace
{
    /// <summary>The name by which a host listens.</summary>
    public const string SourceName = "CdcDms.Pipeline";

    internal const string Batch = "cdcdms.batch";
    internal const string Files = "cdcdms.files";
    internal const string FilesRejected = "cdcdms.files.rejected";
    internal const string Bytes = "cdcdms.bytes";
    internal const string GivenUp = "cdcdms.given_up";
    internal const string Identical = "cdcdms.identical";
    internal const string SourceRows = "cdcdms.rows.source";
    internal const string TargetRows = "cdcdms.rows.target";
    private const string Table = "cdcdms.table";
    private const string Ways = "cdcdms.ways";

    // OpenTelemetry's semantic conventions, "error.type": the class of error that ended the operation.
    private const string ErrorType = "error.type";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins a phase, as a part of the span that is current.</summary>
    /// <returns>Null when nobody listens.</returns>
    internal static Activity? Begin(string name) => Source.StartActivity(name);

    /// <summary>Begins the work on a table.</summary>
    /// <returns>Null when nobody listens.</returns>
    internal static Activity? Begin(string name, TableDefinition table) =>
        Source.StartActivity(name)?.SetTag(Table, table.Source.ToString());

    /// <summary>Says what became of the rows.</summary>
    internal static void Tag(this Activity span, RowCounts rows) => span
        .SetTag("cdcdms.rows.read", rows.Read)
        .SetTag("cdcdms.rows.inserted", rows.Inserted)
        .SetTag("cdcdms.rows.updated", rows.Updated)
        .SetTag("cdcdms.rows.unchanged", rows.Unchanged)
        .SetTag("cdcdms.rows.deleted", rows.Deleted)
        .SetTag("cdcdms.rows.superseded", rows.Superseded)
        .SetTag("cdcdms.rows.stale", rows.Stale)
        .SetTag("cdcdms.rows.quarantined", rows.Quarantined);

    /// <summary>Says which ways a batch took, one after the other.</summary>
    internal static void Tag(this Activity span, IReadOnlyList<MergeWay> ways) => span.SetTag(Ways, ways.InWords());

    /// <summary>Says that the work failed, and of which kind the failure is. Its sentence may hold values, so it stays out.</summary>
    internal static void Fail(this Activity span, CdcDmsException fault) =>
        span.SetTag(ErrorType, fault.Kind.ToString()).SetStatus(ActivityStatusCode.Error);
}
