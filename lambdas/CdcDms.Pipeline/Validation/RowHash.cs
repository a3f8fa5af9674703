using System.Runtime.InteropServices;

namespace CdcDms.Pipeline.Validation;

/// <summary>A row as two numbers, and where it is.</summary>
/// <param name="Key">Hash of the key.</param>
/// <param name="Row">Hash of all columns.</param>
/// <param name="Range">Index of the range that the row was read from.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct RowHash(long Key, long Row, int Range) : IComparable<RowHash>
{
    /// <summary>By key, then by row.</summary>
    public int CompareTo(RowHash other) => Key.CompareTo(other.Key) is var order and not 0 ? order : Row.CompareTo(other.Row);
}
