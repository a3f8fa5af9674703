using CdcDms.DuckDb;
using DuckDB.NET.Native;

namespace CdcDms.Pipeline.BinaryCopy;

/// <summary>How one column crosses from DuckDB's memory into the staging table.</summary>
/// <param name="PostgresType">The staging column's type: the natural one for what the Parquet file holds.</param>
/// <param name="Write">Writes the value of a row that is not NULL.</param>
internal sealed record StagedType(string PostgresType, StagedType.Writer Write)
{
    /// <summary>Writes one value.</summary>
    public delegate void Writer(CopyBuffer buffer, in DuckDbVector values, int row);

    // PostgreSQL counts from 2000-01-01, DuckDB from 1970-01-01.
    private const int EpochDays = 10957;
    private const long EpochMicroseconds = EpochDays * 86_400_000_000L;

    /// <summary>The type of a column that <see cref="Readable"/> has made one of ours.</summary>
    /// <returns>Null when it is none of them.</returns>
    public static StagedType? Of(DuckDbColumn column) => column.Type switch
    {
        DuckDBType.Boolean => new("boolean", (CopyBuffer buffer, in DuckDbVector values, int row) => buffer.Field(values.Get<bool>(row))),
        DuckDBType.SmallInt => new("smallint", (CopyBuffer buffer, in DuckDbVector values, int row) => buffer.Field(values.Get<short>(row))),
        DuckDBType.Integer => new("integer", (CopyBuffer buffer, in DuckDbVector values, int row) => buffer.Field(values.Get<int>(row))),
        DuckDBType.BigInt => new("bigint", (CopyBuffer buffer, in DuckDbVector values, int row) => buffer.Field(values.Get<long>(row))),
        // Big-endian bits: a float is sent as the integer with its bits.
        DuckDBType.Float => new("real", (CopyBuffer buffer, in DuckDbVector values, int row) => buffer.Field(values.Get<int>(row))),
        DuckDBType.Double => new("double precision", (CopyBuffer buffer, in DuckDbVector values, int row) => buffer.Field(values.Get<long>(row))),
        DuckDBType.Decimal => Decimal(column),
        DuckDBType.HugeInt => new("numeric", (CopyBuffer buffer, in DuckDbVector values, int row) => NumericFormat.Write(buffer, values.Get<Int128>(row), 0)),
        DuckDBType.Date => new("date", (CopyBuffer buffer, in DuckDbVector values, int row) => buffer.Field(Date(values.Get<int>(row)))),
        DuckDBType.Time => new("time", (CopyBuffer buffer, in DuckDbVector values, int row) => buffer.Field(values.Get<long>(row))),
        DuckDBType.Timestamp => new("timestamp", (CopyBuffer buffer, in DuckDbVector values, int row) => buffer.Field(Timestamp(values.Get<long>(row)))),
        DuckDBType.TimestampTz => new("timestamptz", (CopyBuffer buffer, in DuckDbVector values, int row) => buffer.Field(Timestamp(values.Get<long>(row)))),
        DuckDBType.Varchar => new("text", (CopyBuffer buffer, in DuckDbVector values, int row) => buffer.Field(values.Bytes(row))),
        DuckDBType.Blob => new("bytea", (CopyBuffer buffer, in DuckDbVector values, int row) => buffer.Field(values.Bytes(row))),
        _ => null,
    };

    /// <summary>A DuckDB expression for a column, of a type that <see cref="Of"/> knows, with the same values.</summary>
    public static string Readable(string expression, string duckDbType) => duckDbType switch
    {
        "TINYINT" or "UTINYINT" => $"CAST({expression} AS SMALLINT)",
        "USMALLINT" => $"CAST({expression} AS INTEGER)",
        "UINTEGER" => $"CAST({expression} AS BIGINT)",
        "UBIGINT" => $"CAST({expression} AS HUGEINT)",
        "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" => $"CAST({expression} AS TIMESTAMP)",
        "UUID" or "JSON" => $"CAST({expression} AS VARCHAR)",
        _ => expression,
    };

    private static StagedType Decimal(DuckDbColumn column)
    {
        var scale = column.Scale;
        // DuckDB keeps a decimal in the smallest integer that its precision needs (duckdb.h, duckdb_decimal_internal_type).
        return new("numeric", column.Precision switch
        {
            <= 4 => (CopyBuffer buffer, in DuckDbVector values, int row) => NumericFormat.Write(buffer, values.Get<short>(row), scale),
            <= 9 => (CopyBuffer buffer, in DuckDbVector values, int row) => NumericFormat.Write(buffer, values.Get<int>(row), scale),
            <= 18 => (CopyBuffer buffer, in DuckDbVector values, int row) => NumericFormat.Write(buffer, values.Get<long>(row), scale),
            _ => (CopyBuffer buffer, in DuckDbVector values, int row) => NumericFormat.Write(buffer, values.Get<Int128>(row), scale),
        });
    }

    // Both sides keep infinity as the largest and smallest number; DuckDB's smallest is one higher.
    private static int Date(int days) => days switch
    {
        int.MaxValue => int.MaxValue,
        -int.MaxValue => int.MinValue,
        _ => days - EpochDays,
    };

    private static long Timestamp(long microseconds) => microseconds switch
    {
        long.MaxValue => long.MaxValue,
        -long.MaxValue => long.MinValue,
        _ => microseconds - EpochMicroseconds,
    };
}
