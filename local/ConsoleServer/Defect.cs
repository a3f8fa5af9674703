using System.Data.Common;

namespace CdcDms.Local.ConsoleServer;

/// <summary>Tells what nobody foresaw, in one sentence.</summary>
internal static class Defect
{
    /// <summary>The sentence.</summary>
    /// <param name="what">What failed.</param>
    /// <param name="fault">Why. What a database says may have values of a row, and is not told.</param>
    public static string Told(string what, Exception fault) =>
        $"{what} failed by a defect of CdcDms: {fault.GetType().Name}"
        + $"{(fault is DbException ? "" : $", {fault.Message.TrimEnd('.')}")}; try again, and open an issue with this sentence if it fails "
        + "again.";
}
