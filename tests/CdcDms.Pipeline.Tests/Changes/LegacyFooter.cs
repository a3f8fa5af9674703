using System.Buffers.Binary;
using System.Text;

namespace CdcDms.Pipeline.Tests.Changes;

/// <summary>
/// Makes of a file of DuckDB's one whose schema is as DMS writes it: with the older annotations (converted types) alone, no logical types,
/// and with times of day in milliseconds. The footer is Thrift's compact protocol (parquet.thrift, SchemaElement); the pages stay as they
/// are.
/// </summary>
internal static class LegacyFooter
{
    // The footer's length and "PAR1".
    private const int Tail = 8;
    private const int LongestAnnotation = 9;

    // Field 6, converted_type, two after the name: 17 is INT_32 and 7 TIME_MILLIS, each doubled by the encoding of signs.
    private static readonly byte[] Int32 = [0x25, 17 * 2];
    private static readonly byte[] TimeMillis = [0x25, 7 * 2];

    /// <param name="file">The file.</param>
    /// <param name="times">Integer columns that are milliseconds of a day.</param>
    public static byte[] Of(byte[] file, params string[] times)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(file.Length - Tail));
        var start = file.Length - Tail - length;
        var footer = new List<byte>(file[start..^Tail]);
        for (var at = 0; at + LongestAnnotation < footer.Count; at++)
            footer.RemoveRange(at, LogicalType(footer, at));
        var bytes = footer.ToArray();
        foreach (var time in times)
        {
            byte[] name = [0x18, (byte)time.Length, .. Encoding.ASCII.GetBytes(time)];
            var at = bytes.AsSpan().IndexOf([.. name, .. Int32]) + name.Length;
            TimeMillis.CopyTo(bytes, at);
        }

        var size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, bytes.Length);
        return [.. file[..start], .. bytes, .. size, .. "PAR1"u8];
    }

    /// <summary>The length of a logical type (field 10, a union) that stands here, or 0.</summary>
    private static int LogicalType(List<byte> bytes, int at) => bytes[at..(at + LongestAnnotation)] switch
    {
        // Four after converted_type, TIME or TIMESTAMP: isAdjustedToUTC, the union of units, and the four ends.
        [0x4C, 0x7C or 0x8C, 0x11 or 0x12, 0x1C, 0x1C or 0x2C, 0, 0, 0, 0] => 9,
        // Two after precision, DECIMAL: scale, precision, and two ends.
        [0x2C, 0x5C, 0x15, _, 0x15, _, 0, 0, _] => 8,
        _ => 0,
    };
}
