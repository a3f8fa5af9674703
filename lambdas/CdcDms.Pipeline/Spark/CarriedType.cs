using System.Globalization;
using System.Text.RegularExpressions;
using CdcDms.Contract.Lake;

namespace CdcDms.Pipeline.Spark;

/// <summary>
/// How the values of a column cross Spark, which reads them as one of its own types and writes them with it. Nothing is computed on the
/// way, so what comes out is what went in.
/// </summary>
/// <param name="Spark">The type of Spark, as its DDL names it.</param>
/// <param name="Carry">DuckDB's expression for what Spark reads of a column.</param>
/// <param name="Restore">DuckDB's expression for a value of the file's type, from what Spark has written.</param>
internal sealed partial record CarriedType(string Spark, Func<string, string> Carry, Func<string, string> Restore)
{
    private const string AsInt32 = "int";
    private const string AsInt64 = "bigint";
    private const string AsTimestamp = "timestamp";

    private const string MicrosecondsOfDay = "86400000000";

    // Spark knows no time of day, and reads its number: milliseconds in four bytes or microseconds in eight (Parquet format: TIME).
    private static readonly CarriedType Milliseconds =
        new(
            AsInt32,
            column => $"CAST(epoch_us({column}) // 1000 AS INTEGER)",
            column => OfMicroseconds($"CAST({column} AS BIGINT) * 1000"));

    private static readonly CarriedType Microseconds = new(AsInt64, column => $"epoch_us({column})", OfMicroseconds);

    /// <summary>How a column crosses Spark; null for a type that Spark does not read, or would change.</summary>
    /// <param name="fileType">The column's type, as DuckDB names it.</param>
    /// <param name="physicalType">The type under which Parquet stores it.</param>
    public static CarriedType? Of(string fileType, string physicalType) => (fileType, physicalType) switch
    {
        ("BOOLEAN", _) => Same("boolean"),
        ("TINYINT" or "SMALLINT", _) => new(AsInt32, column => $"CAST({column} AS INTEGER)", column => $"CAST({column} AS {fileType})"),
        ("INTEGER", _) => Same(AsInt32),
        ("BIGINT", _) => Same(AsInt64),
        ("FLOAT", _) => Same("float"),
        ("DOUBLE", _) => Same("double"),
        ("VARCHAR", _) => Same("string"),
        ("BLOB", _) => Same("binary"),
        ("DATE", _) => Same("date"),
        ("TIME", "INT32") => Milliseconds,
        ("TIME", "INT64") => Microseconds,
        // Spark writes every time as one of UTC, which a DuckDB that works in UTC reads back.
        ("TIMESTAMP" or "TIMESTAMP_MS", "INT64") =>
            new(AsTimestamp, column => $"CAST({column} AS TIMESTAMPTZ)", column => $"CAST(CAST({column} AS TIMESTAMP) AS {fileType})"),
        ("TIMESTAMP WITH TIME ZONE", "INT64") => Same(AsTimestamp),
        _ => DecimalPattern().Match(fileType) is { Success: true, Groups: [_, var digits] } && IsHeld(digits.ValueSpan)
            ? Same(fileType)
            : null,
    };

    /// <summary>How a column of a plan crosses Spark.</summary>
    /// <exception cref="NotFromSparkException">It does not.</exception>
    public static CarriedType Of(SparkColumn column) => Of(column.Type, column.Stored)
        ?? throw new NotFromSparkException($"the column {column.Name} has the type {column.Type}, which Spark does not read");

    /// <summary>Spark's name of a column, whatever its name in the files is: no quoting, no case, nothing to tell dialects apart.</summary>
    public static string Name(int column) => FormattableString.Invariant($"c{column}");

    // Of Spark and of DuckDB.
    private static bool IsHeld(ReadOnlySpan<char> digits) => int.Parse(digits, CultureInfo.InvariantCulture) <= 38;

    private static CarriedType Same(string spark) => new(spark, column => column, column => column);

    // A day's last moment is a time of its own in PostgreSQL, which an addition would make its first.
    private static string OfMicroseconds(string number) =>
        $"CASE WHEN {number} = {MicrosecondsOfDay} THEN TIME '24:00:00' ELSE TIME '00:00:00' + to_microseconds({number}) END";

    [GeneratedRegex(@"^DECIMAL\((\d+),\d+\)$", RegexOptions.CultureInvariant)]
    private static partial Regex DecimalPattern();
}
