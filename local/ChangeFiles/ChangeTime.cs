using System.Globalization;
using System.Text;
using CdcDms.Contract.Changes;

namespace CdcDms.Local.ChangeFiles;

/// <summary>The form of <see cref="ChangeColumns.Timestamp"/>.</summary>
internal static class ChangeTime
{
    /// <summary>A time in UTC, to the microsecond (docs/dms-contract.md#op-and-timestamp).</summary>
    public static byte[] Text(DateTime utc) =>
        Encoding.ASCII.GetBytes(utc.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture));
}
