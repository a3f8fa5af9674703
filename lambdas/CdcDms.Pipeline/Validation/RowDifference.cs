using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Validation;

/// <summary>A row that differs.</summary>
public sealed record RowDifference
{
    /// <summary>How it differs.</summary>
    public required DifferenceKind Kind { get; init; }

    /// <summary>The key: target names of its columns, with their texts at the source; of an extra row, in analytics.</summary>
    public required IReadOnlyDictionary<string, string?> Key { get; init; }

    /// <summary>Target names of the columns that differ in a row that both sides have; else empty.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>
    /// The source's values, cut after 1,000 letters: of <see cref="Columns"/>, or of all columns of a missing row. Null where the source
    /// has no such row, or where values were not asked for.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? Source { get; init; }

    /// <summary>The same of analytics.</summary>
    public IReadOnlyDictionary<string, string?>? Target { get; init; }
}
