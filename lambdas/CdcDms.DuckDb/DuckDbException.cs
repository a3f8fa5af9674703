using DuckDB.NET.Native;

namespace CdcDms.DuckDb;

/// <summary>DuckDB refused a statement or failed at it.</summary>
/// <param name="type">What kind of fault DuckDB says that it is; <see cref="DuckDBErrorType.Invalid"/> when it does not say.</param>
/// <param name="message">DuckDB's own words.</param>
public sealed class DuckDbException(DuckDBErrorType type, string? message) : Exception(message ?? "DuckDB failed without saying why.")
{
    /// <summary>What kind of fault DuckDB says that it is; <see cref="DuckDBErrorType.Invalid"/> when it does not say.</summary>
    public DuckDBErrorType Type { get; } = type;

    internal static DuckDbException Of(ref DuckDBResult result) =>
        new(NativeMethods.Query.DuckDBResultErrorType(ref result), NativeMethods.Query.DuckDBResultError(ref result));
}
