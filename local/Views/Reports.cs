using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Preflight;
using CdcDms.Pipeline.Status;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Local.Views;

/// <summary>What <c>merge</c> did for one table; what it merged before a failure stays.</summary>
internal sealed record MergeSummary(string Table, int Files, int FilesRejected, RowCounts Rows, string? Failure = null)
{
    /// <summary>Where the time of its batches went, also of one that failed.</summary>
    public MergePhases Phases { get; init; } = new();
}

/// <summary><c>merge --json</c>; why the markers were not merged, where they were not.</summary>
internal sealed record MergeReport(IReadOnlyList<MergeSummary> Tables, string? MarkersFailure);

/// <summary><c>status --lake --json</c>.</summary>
internal sealed record LakeStatusReport(IReadOnlyList<TablePlaces> Tables);

/// <summary>What <c>validate</c> found of one table; no numbers and columns of a table that could not be compared.</summary>
internal sealed record ValidateSummary(string Table)
{
    public bool Identical { get; init; }

    public long? SourceRows { get; init; }

    public long? TargetRows { get; init; }

    public long? Missing { get; init; }

    public long? Extra { get; init; }

    public long? Changed { get; init; }

    public IReadOnlyList<string>? DifferentColumns { get; init; }

    /// <summary>The first rows that differ.</summary>
    public IReadOnlyList<RowDifference>? Differences { get; init; }

    public string? Failure { get; init; }
}

/// <summary><c>validate --json</c>.</summary>
internal sealed record ValidateReport(bool Identical, IReadOnlyList<ValidateSummary> Tables);

/// <summary><c>preflight --json</c>: whether nothing blocks or loses, and every finding.</summary>
internal sealed record PreflightSummary(bool Clean, IReadOnlyList<Finding> Findings);

/// <summary>One table of <c>demo --json</c>.</summary>
internal sealed record DemoTable(string Name, long SourceRows, long TargetRows, bool Identical);

/// <summary>The stream of a demo: messages that went in, shards that were read, batches of which the function made files.</summary>
internal sealed record DemoStream(long Messages, int Shards, long Batches);

/// <summary><c>demo --json</c>: the result of the comparison at the end, and what happened on the way.</summary>
internal sealed record DemoReport(
    bool Identical, IReadOnlyList<DemoTable> Tables, long SnapshotRows, long ChangesCaptured, long FilesWritten, long RowsRead,
    long Inserted, long Updated, long Deleted, long Superseded, long Stale, long Markers,
    int ProofsJudged, int KeysDifferent, int KeysNotJudged, double Seconds, DemoStream? Stream);

/// <summary>Messages of an object that could not be understood for one reason.</summary>
internal sealed record RejectsSummary(string Key, string Reason, int Messages);

/// <summary><c>rejects list --json</c>.</summary>
internal sealed record RejectsReport(IReadOnlyList<RejectsSummary> Rejects);

/// <summary><c>reload --json</c> and <c>restart --json</c>: what has succeeded.</summary>
internal sealed record ExecutionReport(string Execution);

/// <summary>What every verb prints with <c>--json</c> when it failed as a whole.</summary>
internal sealed record FailureReport(string Failure);

/// <summary>The JSON of the command line's reports.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MergeReport))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(LakeStatusReport))]
[JsonSerializable(typeof(QuarantineReport))]
[JsonSerializable(typeof(ValidateReport))]
[JsonSerializable(typeof(PreflightSummary))]
[JsonSerializable(typeof(DemoReport))]
[JsonSerializable(typeof(ExecutionReport))]
[JsonSerializable(typeof(RejectsReport))]
[JsonSerializable(typeof(FailureReport))]
[JsonSerializable(typeof(ProofReport))]
[JsonSerializable(typeof(WorkflowReport))]
[JsonSerializable(typeof(IReadOnlyList<TableDefinition>))]
internal sealed partial class LocalJson : JsonSerializerContext
{
    /// <summary>For files that people read and edit.</summary>
    public static LocalJson Indented { get; } = new(
        new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = true,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        });
}
