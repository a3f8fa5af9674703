using System.Text;

namespace CdcDms.Contract.Tables;

/// <summary>What PostgreSQL lets tables and columns be called, and how many columns a table has at most.</summary>
public static class PostgresNames
{
    /// <summary>Most bytes of a name; PostgreSQL cuts a longer one (PostgreSQL documentation, Identifiers and Key Words).</summary>
    public const int MostBytes = 63;

    /// <summary>Most columns of a table (PostgreSQL documentation, PostgreSQL Limits).</summary>
    public const int MostColumns = 1600;

    /// <summary>The name's length in the encoding of the analytics database, UTF-8.</summary>
    public static int Bytes(string name) => Encoding.UTF8.GetByteCount(name);

    /// <summary>Whether every table has a column of this name already (PostgreSQL documentation, System Columns).</summary>
    public static bool IsSystemColumn(string name) => name is "tableoid" or "xmin" or "cmin" or "xmax" or "cmax" or "ctid";

    /// <summary>Why a table cannot have a column of this name, as the rest of a sentence after the name; null when it can.</summary>
    public static string? ColumnFault(string name) =>
        name.Length == 0 ? "is an empty name"
        : name.Contains('\0', StringComparison.Ordinal) ? "has a character U+0000, which no name of PostgreSQL can have"
        : Bytes(name) > MostBytes ? $"has {Bytes(name)} bytes, more than the {MostBytes} bytes that a name of PostgreSQL can have"
        : IsSystemColumn(name) ? "is the name of a system column of PostgreSQL"
        : TargetColumns.Contains(name) ? "is a name that the pipeline keeps for itself"
        : null;
}
