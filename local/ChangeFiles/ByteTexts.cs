using System.Buffers;
using System.Text.Unicode;

namespace CdcDms.Local.ChangeFiles;

/// <summary>Texts that stay texts, and the text of <c>bytea</c>.</summary>
internal static class ByteTexts
{
    /// <summary>Text as it is; a source in SQL_ASCII may send what is no UTF-8.</summary>
    public static bool TryText(ReadOnlySpan<byte> text, IBufferWriter<byte> bytes)
    {
        if (!Utf8.IsValid(text))
            return false;
        bytes.Write(text);
        return true;
    }

    /// <summary>Text without the blanks at its end.</summary>
    public static bool TryPadded(ReadOnlySpan<byte> text, IBufferWriter<byte> bytes) => TryText(text.TrimEnd((byte)' '), bytes);

    /// <summary>Bytes from <c>\x</c> and two hexadecimal digits each.</summary>
    public static bool TryHexadecimal(ReadOnlySpan<byte> text, IBufferWriter<byte> bytes)
    {
        if (!text.StartsWith(@"\x"u8))
            return false;
        var digits = text[2..];
        var length = digits.Length / 2;
        var status = Convert.FromHexString(digits, bytes.GetSpan(length), out _, out var written);
        bytes.Advance(written);
        return status == OperationStatus.Done;
    }
}
