using System.Globalization;

namespace CdcDms.Contract.Changes;

/// <summary>
/// The total order of the changes of a row: 38 decimal digits, three of the generation that the change is of, then the 35 of the change's
/// sequence in that generation.
/// </summary>
/// <param name="Generation">The generation, from 1; 0 for rows of a feed, and for rows that a target had before all generations.</param>
/// <param name="Sequence">The change's sequence; zero for a row of a full load.</param>
public readonly record struct ChangeVersion(int Generation, ChangeSequence Sequence) : IComparable<ChangeVersion>
{
    /// <summary>Digits of a version, as <c>numeric(38,0)</c> holds them.</summary>
    public const int Digits = 38;

    private static readonly Int128 SequenceRange = Int128.Parse("1" + new string('0', ChangeSequence.Digits), CultureInfo.InvariantCulture);

    /// <summary>The version as a number; fits <c>numeric(38,0)</c>.</summary>
    public Int128 Value => Generation * SequenceRange + Sequence.Value;

    /// <summary>The version of every row of a generation's full load: above all older generations, below every change of its own.</summary>
    public static ChangeVersion FullLoad(int generation) => new(generation, default);

    /// <summary>A version from its number.</summary>
    public static ChangeVersion From(Int128 value) =>
        new((int)(value / SequenceRange), ChangeSequence.From(value % SequenceRange));

    /// <summary>The 38 digits.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture).PadLeft(Digits, '0');

    /// <inheritdoc/>
    public int CompareTo(ChangeVersion other) => Value.CompareTo(other.Value);

    /// <summary>Whether the left change came before the right one.</summary>
    public static bool operator <(ChangeVersion left, ChangeVersion right) => left.Value < right.Value;

    /// <summary>Whether the left change came after the right one.</summary>
    public static bool operator >(ChangeVersion left, ChangeVersion right) => left.Value > right.Value;

    /// <summary>Whether the left change is the right one or came before it.</summary>
    public static bool operator <=(ChangeVersion left, ChangeVersion right) => left.Value <= right.Value;

    /// <summary>Whether the left change is the right one or came after it.</summary>
    public static bool operator >=(ChangeVersion left, ChangeVersion right) => left.Value >= right.Value;
}
