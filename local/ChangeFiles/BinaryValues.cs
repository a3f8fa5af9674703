using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace CdcDms.Local.ChangeFiles;

/// <summary>
/// Values in PostgreSQL's binary format, which spares the server and us their texts. Each is what the text of the same value gives.
/// </summary>
internal static class BinaryValues
{
    // PostgreSQL counts from 2000-01-01.
    private const int DaysUntil2000 = 10_957;
    private const long MicrosecondsUntil2000 = DaysUntil2000 * 86_400_000_000L;

    /// <summary>The name of a base type whose values can be read so; null for others, of which the text says what DMS writes.</summary>
    /// <param name="type">The type's OID.</param>
    /// <param name="column">The column that the type gets in a file.</param>
    public static string? TypeName(uint type, FileColumn column) => type switch
    {
        16 => "bool",
        17 => "bytea",
        20 => "int8",
        21 => "int2",
        23 => "int4",
        25 => "text",
        700 => "float4",
        701 => "float8",
        1042 => "bpchar",
        1043 => "varchar",
        1082 => "date",
        1083 => "time",
        1114 => "timestamp",
        1184 => "timestamptz",
        1700 when column.Form == TextForm.Decimal => "numeric",
        _ => null,
    };

    /// <summary>A boolean: one byte.</summary>
    public static bool TryBoolean(ReadOnlySpan<byte> bytes, out bool value)
    {
        value = bytes is [1];
        return value || bytes is [0];
    }

    /// <summary>A whole number of 16 bits.</summary>
    public static bool TryInt16(ReadOnlySpan<byte> bytes, out short value) =>
        BinaryPrimitives.TryReadInt16BigEndian(bytes, out value) && bytes.Length == sizeof(short);

    /// <summary>A whole number of 32 bits.</summary>
    public static bool TryInt32(ReadOnlySpan<byte> bytes, out int value) =>
        BinaryPrimitives.TryReadInt32BigEndian(bytes, out value) && bytes.Length == sizeof(int);

    /// <summary>A whole number of 64 bits.</summary>
    public static bool TryInt64(ReadOnlySpan<byte> bytes, out long value) =>
        BinaryPrimitives.TryReadInt64BigEndian(bytes, out value) && bytes.Length == sizeof(long);

    /// <summary>A floating-point number of 32 bits. There is one NaN, whichever bits the source has for it.</summary>
    public static bool TrySingle(ReadOnlySpan<byte> bytes, out float value)
    {
        var known = BinaryPrimitives.TryReadSingleBigEndian(bytes, out value) && bytes.Length == sizeof(float);
        if (float.IsNaN(value))
            value = float.Abs(float.NaN);
        return known;
    }

    /// <summary>A floating-point number of 64 bits, as <see cref="TrySingle"/>.</summary>
    public static bool TryDouble(ReadOnlySpan<byte> bytes, out double value)
    {
        var known = BinaryPrimitives.TryReadDoubleBigEndian(bytes, out value) && bytes.Length == sizeof(double);
        if (double.IsNaN(value))
            value = double.Abs(double.NaN);
        return known;
    }

    /// <summary>Days since 1970-01-01.</summary>
    public static bool TryDays(ReadOnlySpan<byte> bytes, out int days)
    {
        if (!TryInt32(bytes, out days))
            return false;
        days = days switch
        {
            int.MaxValue => DateTimeTexts.LatestDay,
            int.MinValue => DateTimeTexts.EarliestDay,
            _ => days + DaysUntil2000,
        };
        return true;
    }

    /// <summary>Microseconds since 1970-01-01.</summary>
    public static bool TryMicroseconds(ReadOnlySpan<byte> bytes, out long microseconds)
    {
        if (!TryInt64(bytes, out var since2000))
        {
            microseconds = 0;
            return false;
        }

        microseconds = since2000 switch
        {
            long.MaxValue => DateTimeTexts.LatestMicrosecond,
            long.MinValue => DateTimeTexts.EarliestMicrosecond,
            _ => unchecked(since2000 + MicrosecondsUntil2000),
        };
        // The largest number is infinity for DuckDB and others.
        return since2000 is long.MaxValue or < long.MaxValue - MicrosecondsUntil2000;
    }

    /// <summary>Milliseconds since midnight. Smaller parts are cut off.</summary>
    public static bool TryMilliseconds(ReadOnlySpan<byte> bytes, out int milliseconds)
    {
        var known = TryInt64(bytes, out var microseconds);
        milliseconds = (int)(microseconds / 1000);
        return known;
    }

    /// <summary>Bytes as they are.</summary>
    public static bool TryBytes(ReadOnlySpan<byte> value, IBufferWriter<byte> bytes)
    {
        bytes.Write(value);
        return true;
    }

    /// <summary>A value for a sentence, as far as there are values that a file cannot hold.</summary>
    public static string Shown(FileColumn column, ReadOnlySpan<byte> sent)
    {
        switch (column.Form)
        {
            case TextForm.Decimal:
                var text = new byte[NumericBinary.MostBytes(sent)];
                return Encoding.ASCII.GetString(text.AsSpan(0, NumericBinary.Write(sent, text)));
            case TextForm.Timestamp:
                return string.Create(CultureInfo.InvariantCulture, $"{BinaryPrimitives.ReadInt64BigEndian(sent)} µs after 2000");
            default:
                return Encoding.UTF8.GetString(sent);
        }
    }
}
