using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Validation;

/// <summary>A column of one side of a comparison, as SQL expressions over the table's columns.</summary>
internal sealed record ComparedValue
{
    /// <summary>The target's name of the column.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the column is part of the key.</summary>
    public required bool IsKey { get; init; }

    /// <summary>Of the same type on both sides, which sends equal values as equal bytes and different ones as different bytes.</summary>
    public required string Value { get; init; }

    /// <summary>The same for a key's column, except that spellings which are one key to the target are equal here.</summary>
    public required string KeyValue { get; init; }

    /// <summary>What of the text does not count.</summary>
    public required ProofComparison Comparison { get; init; }

    /// <summary>Whether <see cref="Value"/> is an integer on both sides, which PostgreSQL hashes for less.</summary>
    public required bool IsInteger { get; init; }

    /// <summary>
    /// What stands for <see cref="Value"/> among rows of which one is refused by the other side's type; null for a value that nothing
    /// refuses.
    /// </summary>
    public required string? Unconverted { get; init; }

    /// <summary>The value as its own type writes it, for people.</summary>
    public required string Text { get; init; }
}
