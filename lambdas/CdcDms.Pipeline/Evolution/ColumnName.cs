using System.Text;

namespace CdcDms.Pipeline.Evolution;

/// <summary>Names that a column of PostgreSQL cannot have.</summary>
internal static class ColumnName
{
    // PostgreSQL source, NAMEDATALEN without the closing zero. Longer names are cut, so that two may become one.
    private const int MostBytes = 63;

    // PostgreSQL documentation, "System Columns". (oid is an ordinary name since version 12.)
    private static readonly string[] OfSystem = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

    /// <summary>Why a target cannot get a column of a name, as half a sentence; null when it can.</summary>
    public static string? Fault(string name) =>
        name.Length == 0 ? "which is no name"
        : OfSystem.Contains(name) ? "a name that PostgreSQL keeps for a system column"
        : Encoding.UTF8.GetByteCount(name) > MostBytes ? $"whose name is longer than the {MostBytes} bytes that PostgreSQL keeps"
        : null;
}
