using System.Buffers.Text;
using CdcDms.DuckDb;

namespace CdcDms.Pipeline.BinaryCopy;

/// <summary>
/// The binary form in which the target itself takes what the files have, without a cast in between. PostgreSQL reads it as that cast would
/// read the value: lengths, scales and precisions are refused or rounded alike.
/// </summary>
internal static class StraightForm
{
    private const int UuidLength = 36;
    private const int UuidBytes = 16;

    // The first byte of jsonb (src/backend/utils/adt/jsonb.c, jsonb_recv).
    private const byte JsonbVersion = 1;

    // What is spelled otherwise than uuid_out does is left to PostgreSQL's own reader: a field that is too long is refused as data, and the
    // batch is staged.
    private static readonly FieldWriter Uuid = (CopyBuffer buffer, in DuckDbVector values, int row) =>
    {
        var text = values.Bytes(row);
        if (text.Length == UuidLength && Utf8Parser.TryParse(text, out Guid uuid, out var read, 'D') && read == UuidLength)
        {
            buffer.Int32(UuidBytes);
            uuid.TryWriteBytes(buffer.Take(UuidBytes), bigEndian: true, out _);
        }
        else
            buffer.Field(0, stackalloc byte[UuidBytes]);
    };

    private static readonly FieldWriter Jsonb = (CopyBuffer buffer, in DuckDbVector values, int row) =>
        buffer.Field(JsonbVersion, values.Bytes(row));

    /// <summary>How values are written for a target's column.</summary>
    /// <param name="staged">The natural type of what the files have.</param>
    /// <param name="target">The target's type, with neither length nor scale.</param>
    /// <returns>Null where the target's binary form is another one, and only a cast reads the values.</returns>
    public static FieldWriter? Writer(StagedType staged, string target) => (staged.PostgresType, target) switch
    {
        ("boolean", "boolean") or ("smallint", "smallint") or ("integer", "integer") or ("bigint", "bigint")
            or ("real", "real") or ("double precision", "double precision") or ("numeric", "numeric")
            or ("date", "date") or ("time", "time without time zone")
            or ("timestamp", "timestamp without time zone") or ("timestamptz", "timestamp with time zone")
            or ("text", "text" or "character varying" or "bpchar" or "json") or ("bytea", "bytea") => staged.Write,
        ("text", "uuid") => Uuid,
        ("text", "jsonb") => Jsonb,
        _ => null,
    };
}
