using System.Globalization;

namespace CdcDms.Pipeline.Validation;

/// <summary>
/// The order of keys by the texts of their columns, column by column: numbers by their value where all texts of a column are numbers, else
/// texts by their letters. NULL comes last.
/// </summary>
public sealed class KeyOrder : IComparer<string?[]>
{
    private readonly bool[] _areNumbers;

    private KeyOrder(bool[] areNumbers) => _areNumbers = areNumbers;

    /// <summary>The order of these keys among each other.</summary>
    public static KeyOrder Of(IReadOnlyList<string?[]> keys) => new(
    [
        .. Enumerable.Range(0, keys.Count == 0 ? 0 : keys[0].Length)
            .Select(column => keys.All(key => key[column] is not { } text || Number(text) is not null)),
    ]);

    /// <inheritdoc/>
    public int Compare(string?[]? x, string?[]? y) =>
        Enumerable.Range(0, _areNumbers.Length).Select(column => Compare(x![column], y![column], _areNumbers[column]))
            .FirstOrDefault(order => order != 0);

    private static int Compare(string? one, string? other, bool areNumbers)
    {
        if (one is null || other is null)
            return (one is null).CompareTo(other is null);
        var order = areNumbers ? Number(one)!.Value.CompareTo(Number(other)!.Value) : 0;
        return order != 0 ? order : string.CompareOrdinal(one, other);
    }

    private static decimal? Number(string text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number : null;
}
