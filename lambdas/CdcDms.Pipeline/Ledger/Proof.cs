using System.Numerics;

namespace CdcDms.Pipeline.Ledger;

/// <summary>A key's row as the source has it.</summary>
/// <param name="Key">The key, a JSON object of texts by the target's column.</param>
/// <param name="Row">The row, a JSON object of texts by the target's column; null when the source has none.</param>
internal sealed record ProofRow(string Key, string? Row);

/// <summary>A column of the target when a proof was read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="From">The source's column.</param>
/// <param name="Type">Its type, with neither length nor scale.</param>
/// <param name="Modifier">Its length, precision or scale as PostgreSQL keeps it; −1 for none.</param>
/// <param name="IsKey">Whether it is part of the key.</param>
/// <param name="Comparison">How it is compared.</param>
internal sealed record ProofColumn(string Name, string From, string Type, int Modifier, bool IsKey, ProofComparison Comparison);

/// <summary>How a column is compared.</summary>
internal enum ProofComparison
{
    /// <summary>By the text of its values.</summary>
    Text,

    /// <summary>By the text of its values without the zeros that end a number.</summary>
    TrimmedNumber,

    /// <summary>By the text of its values without the blanks that end it: the source pads it, and the target does not.</summary>
    TrimmedText,

    /// <summary>Not at all: the source does not have it, or computes it.</summary>
    None,
}

/// <summary>What a proof may repair.</summary>
/// <param name="MostRemoved">The most rows that may be removed; if more are too many in the target, none is removed.</param>
public sealed record ProofRepair(int MostRemoved = 100);

/// <summary>A proof of which the rows are still to be read.</summary>
internal sealed record NewProof
{
    /// <summary>The first of the proofs that were asked for together; null for this one.</summary>
    public required long? OfProof { get; init; }

    /// <summary>The number of the marker before the read, which was settled.</summary>
    public required long Marker { get; init; }

    /// <summary>The id of that marker.</summary>
    public required Guid MarkerId { get; init; }

    /// <summary>What may be repaired; null for nothing.</summary>
    public required ProofRepair? Repair { get; init; }

    /// <summary>The target's columns.</summary>
    public required IReadOnlyList<ProofColumn> Columns { get; init; }
}

/// <summary>A proof that is to be judged.</summary>
internal sealed record OpenProof
{
    /// <summary>Its number.</summary>
    public required long Id { get; init; }

    /// <summary>The lowest version under which its first marker came in the newest generation; null while that has not come.</summary>
    public required BigInteger? Version { get; init; }

    /// <summary>When that marker was committed.</summary>
    public required DateTime? CommittedUtc { get; init; }

    /// <summary>What may be repaired; null for nothing.</summary>
    public required ProofRepair? Repair { get; init; }

    /// <summary>The columns that the target had.</summary>
    public required IReadOnlyList<ProofColumn> Columns { get; init; }

    /// <summary>Whether every change below its second marker is merged.</summary>
    public required bool IsDue { get; init; }

    /// <summary>Whether its second marker has come.</summary>
    public required bool HasCome { get; init; }

    /// <summary>Whether its second marker came in an older generation than the newest.</summary>
    public required bool IsOfOlderGeneration { get; init; }

    /// <summary>Whether its second marker has not come although a later one is due.</summary>
    public required bool WasOvertaken { get; init; }

    /// <summary>Whether it was asked for a day ago.</summary>
    public required bool IsADayOld { get; init; }

    /// <summary>The first of the table's rejected files; null for none.</summary>
    public required string? RejectedFile { get; init; }

    /// <summary>Why nothing will be said any more; null while the proof waits or can be judged.</summary>
    public string? Hopeless => (IsDue, IsOfOlderGeneration, WasOvertaken, IsADayOld) switch
    {
        (_, true, _, _) => "A newer generation has begun since the rows were read; ask for another proof.",
        (_, _, true, _) => "Its second marker was lost on its way through the lake; ask for another proof.",
        (true, _, _, _) or (_, _, _, false) => null,
        _ => AwaitedMarker.Cause("Its second marker", HasCome, RejectedFile),
    };
}
