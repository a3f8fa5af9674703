using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Proofs;

/// <summary>What a comparison of a whole table does at the time.</summary>
internal enum ComparisonPhase
{
    /// <summary>Waits until merges have brought all that the source had at the comparison's marker.</summary>
    Waiting,

    /// <summary>Sums all rows up.</summary>
    Sums,

    /// <summary>Reads the hashes of rows in buckets that differ.</summary>
    Hashes,

    /// <summary>Reads the keys of rows that differ, and asks for their proofs.</summary>
    Keys,
}

/// <summary>How far a comparison of a whole table is: what the next call needs, beside sums and hashes.</summary>
internal sealed record ComparisonState
{
    /// <summary>Rises when the state changes, or what is saved beside it, or what either means.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Of which format it is.</summary>
    public required int Format { get; init; }

    /// <summary>When the comparison began, by the clock of the analytics database.</summary>
    public required DateTime SinceUtc { get; init; }

    /// <summary>The newest generation then.</summary>
    public required int Generation { get; init; }

    /// <summary>The marker that was settled before anything was read.</summary>
    public required Guid Marker { get; init; }

    /// <summary>The statements; what others have read cannot be gone on with.</summary>
    public required string Shape { get; init; }

    /// <summary>What the proofs may repair; null for nothing.</summary>
    public required ProofRepair? Repair { get; init; }

    /// <summary>The number of buckets.</summary>
    public required int Buckets { get; init; }

    /// <summary>How often the comparison began before, and a table was rewritten meanwhile.</summary>
    public required int Attempt { get; init; }

    /// <summary>How far the source is read.</summary>
    public required ScanPosition Source { get; init; }

    /// <summary>How far analytics is read.</summary>
    public required ScanPosition Target { get; init; }

    /// <summary>Rows of one side whose hashes one pass reads, about.</summary>
    public required long RowsPerPass { get; init; }

    /// <summary>What goes on.</summary>
    public required ComparisonPhase Phase { get; init; }

    /// <summary>Whether all that the source had at the marker was merged before anything was read.</summary>
    public bool IsAfterMarker { get; init; }

    /// <summary>The first of the buckets that this pass looks at.</summary>
    public int FirstBucket { get; init; }

    /// <summary>Rows of the source that are compared by now.</summary>
    public long SourceRows { get; init; }

    /// <summary>Rows of analytics that are compared by now.</summary>
    public long TargetRows { get; init; }

    /// <summary>Rows that analytics lacks.</summary>
    public long Missing { get; init; }

    /// <summary>Rows that only analytics has.</summary>
    public long Extra { get; init; }

    /// <summary>Rows with other values.</summary>
    public long Changed { get; init; }

    /// <summary>Rows that differed, and were on neither side as they had been when their keys were to be read.</summary>
    public long Gone { get; init; }

    /// <summary>Whether there were more rows that differ than are read.</summary>
    public bool HasMoreRows { get; init; }

    /// <summary>Whether a row that differs has a key that is NULL in part, which finds no row.</summary>
    public bool HasPartialKeys { get; init; }

    /// <summary>The proofs that were asked for.</summary>
    public IReadOnlyList<long> Proofs { get; set; } = [];

    /// <summary>How many keys they have.</summary>
    public long Keys { get; init; }

    /// <summary>
    /// The comparison from its beginning, once merges have brought the marker. Proofs that were asked for by then say nothing of it.
    /// </summary>
    public ComparisonState FromTheBeginning() => this with
    {
        Phase = ComparisonPhase.Waiting,
        Source = Source with { Next = 0 },
        Target = Target with { Next = 0 },
        FirstBucket = 0,
        SourceRows = 0,
        TargetRows = 0,
        Missing = 0,
        Extra = 0,
        Changed = 0,
        Gone = 0,
        HasMoreRows = false,
        HasPartialKeys = false,
        Proofs = [],
        Keys = 0,
    };

    /// <summary>The state that was saved as JSON; null when another version of the program has saved it.</summary>
    public static ComparisonState? Read(string json)
    {
        try
        {
            var state = JsonSerializer.Deserialize(json, ComparisonJson.Default.ComparisonState);
            return state?.Format == CurrentFormat ? state : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The state as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ComparisonJson.Default.ComparisonState);
}

/// <summary>The state as JSON.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(ComparisonState))]
internal sealed partial class ComparisonJson : JsonSerializerContext;
