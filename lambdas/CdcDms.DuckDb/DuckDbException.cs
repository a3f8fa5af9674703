using System.Runtime.InteropServices;

namespace CdcDms.DuckDb;

/// <summary>DuckDB refused a statement or failed at it; the message is DuckDB's own.</summary>
public sealed class DuckDbException(string message) : Exception(message)
{
    internal static DuckDbException From(nint text) =>
        new(Marshal.PtrToStringUTF8(text) ?? "DuckDB failed without saying why.");
}
