using System.Buffers;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>The values of one column, which lie one after another in one array.</summary>
internal sealed class TextColumn
{
    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789ABCDEFabcdef"u8);

    private static ReadOnlySpan<byte> Prefix => "0x"u8;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    // Where each value ends; of a NULL the complement, a negative number.
    private readonly List<int> _ends = [];

    /// <summary>Adds a value.</summary>
    public void Add(ReadOnlySpan<byte> value)
    {
        _bytes.Write(value);
        _ends.Add(_bytes.WrittenCount);
    }

    /// <summary>Adds the bytes that a text stands for which <see cref="IsHexadecimal"/>.</summary>
    public void AddHexadecimal(ReadOnlySpan<byte> text)
    {
        var digits = text[Prefix.Length..];
        Convert.FromHexString(digits, _bytes.GetSpan(digits.Length / 2), out _, out var written);
        _bytes.Advance(written);
        _ends.Add(_bytes.WrittenCount);
    }

    /// <summary>Whether a text is <c>0x</c> and two hexadecimal digits for each byte, as DMS writes <c>bytea</c>.</summary>
    public static bool IsHexadecimal(ReadOnlySpan<byte> text) =>
        text.StartsWith(Prefix) && text.Length % 2 == 0 && !text[Prefix.Length..].ContainsAnyExcept(Digits);

    /// <summary>Adds a NULL.</summary>
    public void AddNull() => _ends.Add(~_bytes.WrittenCount);

    /// <summary>Whether a row's value is NULL.</summary>
    public bool IsNull(int row) => _ends[row] < 0;

    /// <summary>A row's value.</summary>
    public ReadOnlySpan<byte> this[int row]
    {
        get
        {
            var start = row == 0 ? 0 : EndOf(row - 1);
            return _bytes.WrittenSpan[start..EndOf(row)];
        }
    }

    private int EndOf(int row) => _ends[row] < 0 ? ~_ends[row] : _ends[row];
}
