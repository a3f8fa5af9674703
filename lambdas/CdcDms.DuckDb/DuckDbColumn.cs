namespace CdcDms.DuckDb;

/// <summary>DuckDB's types, numbered as in duckdb.h (<c>duckdb_type</c>).</summary>
public enum DuckDbType
{
#pragma warning disable CS1591, CA1720 // The names are DuckDB's.
    Invalid = 0, Boolean = 1, TinyInt = 2, SmallInt = 3, Integer = 4, BigInt = 5, UTinyInt = 6, USmallInt = 7, UInteger = 8,
    UBigInt = 9, Float = 10, Double = 11, Timestamp = 12, Date = 13, Time = 14, Interval = 15, HugeInt = 16, Varchar = 17,
    Blob = 18, Decimal = 19, TimestampSeconds = 20, TimestampMilliseconds = 21, TimestampNanoseconds = 22, Enum = 23,
    List = 24, Struct = 25, Map = 26, Uuid = 27, Union = 28, Bit = 29, TimeTz = 30, TimestampTz = 31, UHugeInt = 32, Array = 33,
#pragma warning restore CS1591, CA1720
}

/// <summary>A column of a result. Precision and scale are those of a decimal, else 0.</summary>
public readonly record struct DuckDbColumn(string Name, DuckDbType Type, int Precision, int Scale);
