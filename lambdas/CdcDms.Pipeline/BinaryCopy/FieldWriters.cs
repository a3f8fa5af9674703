using CdcDms.DuckDb;

namespace CdcDms.Pipeline.BinaryCopy;

/// <summary>Writes the value of a row that is not NULL.</summary>
internal delegate void FieldWriter(CopyBuffer buffer, in DuckDbVector values, int row);

/// <summary>Writes values as DuckDB keeps them in the form that PostgreSQL's binary COPY takes.</summary>
internal static class FieldWriters
{
    // PostgreSQL counts from 2000-01-01, DuckDB from 1970-01-01.
    private const int EpochDays = 10957;
    private const long EpochMicroseconds = EpochDays * 86_400_000_000L;

    public static readonly FieldWriter Boolean = (CopyBuffer buffer, in DuckDbVector values, int row) =>
        buffer.Field(values.Get<bool>(row));

    public static readonly FieldWriter TwoBytes = (CopyBuffer buffer, in DuckDbVector values, int row) =>
        buffer.Field(values.Get<short>(row));

    public static readonly FieldWriter FourBytes = (CopyBuffer buffer, in DuckDbVector values, int row) =>
        buffer.Field(values.Get<int>(row));

    public static readonly FieldWriter EightBytes = (CopyBuffer buffer, in DuckDbVector values, int row) =>
        buffer.Field(values.Get<long>(row));

    public static readonly FieldWriter Bytes = (CopyBuffer buffer, in DuckDbVector values, int row) =>
        buffer.Field(values.Bytes(row));

    public static readonly FieldWriter Date = (CopyBuffer buffer, in DuckDbVector values, int row) =>
        buffer.Field(FromEpoch(values.Get<int>(row)));

    public static readonly FieldWriter Timestamp = (CopyBuffer buffer, in DuckDbVector values, int row) =>
        buffer.Field(FromEpoch(values.Get<long>(row)));

    /// <summary>
    /// A decimal, which DuckDB keeps in the smallest integer that its precision needs (duckdb.h, <c>duckdb_decimal_internal_type</c>).
    /// </summary>
    public static FieldWriter Decimal(int precision, int scale) => precision switch
    {
        <= 4 => (CopyBuffer buffer, in DuckDbVector values, int row) => NumericFormat.Write(buffer, values.Get<short>(row), scale),
        <= 9 => (CopyBuffer buffer, in DuckDbVector values, int row) => NumericFormat.Write(buffer, values.Get<int>(row), scale),
        <= 18 => (CopyBuffer buffer, in DuckDbVector values, int row) => NumericFormat.Write(buffer, values.Get<long>(row), scale),
        _ => Numeric16(scale),
    };

    /// <summary>A decimal that is kept in sixteen bytes.</summary>
    public static FieldWriter Numeric16(int scale) =>
        (CopyBuffer buffer, in DuckDbVector values, int row) => NumericFormat.Write(buffer, values.Get<Int128>(row), scale);

    // Both sides keep infinity as the largest and smallest number; DuckDB's smallest is one higher. What the subtraction would turn over
    // becomes the lowest number that is no infinity: PostgreSQL refuses the value then, as it refuses all that is before its range.
    private static int FromEpoch(int days) => days switch
    {
        int.MaxValue => int.MaxValue,
        -int.MaxValue => int.MinValue,
        < int.MinValue + EpochDays => int.MinValue + 1,
        _ => days - EpochDays,
    };

    private static long FromEpoch(long microseconds) => microseconds switch
    {
        long.MaxValue => long.MaxValue,
        -long.MaxValue => long.MinValue,
        < long.MinValue + EpochMicroseconds => long.MinValue + 1,
        _ => microseconds - EpochMicroseconds,
    };
}
