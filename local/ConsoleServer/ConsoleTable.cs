using System.Text.Json.Serialization;
using CdcDms.Local.Workflow;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Status;

namespace CdcDms.Local.ConsoleServer;

/// <summary>A table as the console shows it. It has no value of a row: the page may be on a screen that others see.</summary>
internal sealed record ConsoleTable
{
    public required string Target { get; init; }

    public required TableState State { get; init; }

    public required string? ParkedCause { get; init; }

    public required DateTime? DrainedUtc { get; init; }

    public required DateTime? FreshUntilUtc { get; init; }

    public required long Quarantined { get; init; }

    /// <summary>Files that cannot be read.</summary>
    public required IReadOnlyList<ConsoleRejection> RejectedFiles { get; init; }

    public required DateTime? ProvenUtc { get; init; }

    public required IReadOnlyList<Unproven> Unproven { get; init; }

    public required BatchStatus? LastBatch { get; init; }

    /// <summary>Rows that batches read in each of the last 24 hours, the oldest first.</summary>
    public required IReadOnlyList<long> Hours { get; init; }

    public required DayCounts Day { get; init; }

    public required ProofCounts Proofs { get; init; }

    public static ConsoleTable Of(TableActivity table) => new()
    {
        Target = table.Status.Target,
        State = table.Status.State,
        ParkedCause = table.Status.ParkedCause,
        DrainedUtc = table.Status.DrainedUtc,
        FreshUntilUtc = table.Status.FreshUntilUtc,
        Quarantined = table.Status.Quarantined,
        RejectedFiles = [.. table.Status.RejectedFiles.Select(file => new ConsoleRejection(file.Key, file.Told))],
        ProvenUtc = table.Status.ProvenUtc,
        Unproven = table.Status.Unproven,
        LastBatch = table.Status.LastBatch,
        Hours = table.Hours,
        Day = table.Day,
        Proofs = table.Proofs,
    };
}

/// <summary>A rejected file and why, without a value of a row; null where an older version of CdcDms rejected the file.</summary>
internal sealed record ConsoleRejection(string Key, string? Told);

/// <summary><c>/api/tables</c>; whether <c>/api/health</c> and <c>/api/workflow</c> have an answer.</summary>
internal sealed record ConsoleTables(DateTime ReadUtc, bool HasHealth, bool HasWorkflow, IReadOnlyList<ConsoleTable> Tables);

/// <summary>Why there is no other answer, in one sentence.</summary>
internal sealed record ConsoleFailure(string Failure);

/// <summary>The JSON of the console.</summary>
[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConsoleTables))]
[JsonSerializable(typeof(ConsoleTable))]
[JsonSerializable(typeof(BatchesReport))]
[JsonSerializable(typeof(ConsoleFailure))]
[JsonSerializable(typeof(ConsoleDetail))]
[JsonSerializable(typeof(TablePlaces))]
[JsonSerializable(typeof(QuarantineEntry))]
[JsonSerializable(typeof(RunbookSection))]
[JsonSerializable(typeof(ConsoleCures))]
[JsonSerializable(typeof(CureOrder))]
[JsonSerializable(typeof(ConsoleFlow))]
[JsonSerializable(typeof(ConsoleWorkflow))]
[JsonSerializable(typeof(ConsoleExecutions))]
[JsonSerializable(typeof(ExecutionCourse))]
internal sealed partial class ConsoleJson : JsonSerializerContext;
