using System.Globalization;
using System.Text.RegularExpressions;

namespace CdcDms.Contract.Lake;

/// <summary>The names that DMS gives to the Parquet files of a table (docs/dms-contract.md#object-layout).</summary>
public static partial class ChangeFileName
{
    /// <summary>A full-load file: a counter from 1 in eight upper-case hexadecimal digits.</summary>
    public static string Load(int number) => string.Create(CultureInfo.InvariantCulture, $"LOAD{number:X8}.parquet");

    /// <summary>
    /// A CDC file: the UTC time at which the file was made, to the millisecond. The name says nothing about the order of changes.
    /// </summary>
    public static string Cdc(DateTime utc) => Cdc(utc, "");

    /// <summary>A CDC file that is made of records of a stream: the time of the first one, and what tells the records.</summary>
    internal static string Cdc(DateTime utc, string range) =>
        $"{utc.ToString("yyyyMMdd-HHmmssfff", CultureInfo.InvariantCulture)}{range}.parquet";

    /// <summary>The date folder of a CDC file: the commit date of its changes, as <c>yyyy/MM/dd</c>.</summary>
    public static string DateFolder(DateTime commitTimeUtc) => commitTimeUtc.ToString("yyyy/MM/dd", CultureInfo.InvariantCulture);

    /// <summary>
    /// Whether the last part of a key names a full-load file, also one of a parallel load (<c>SEGMENT1_LOAD…</c>) or of a stream.
    /// </summary>
    public static bool IsLoad(string key) => LoadPattern().IsMatch(key);

    /// <summary>
    /// Whether the last part of a key names a CDC file; nine or ten digits, since the guide shows both. The name of one that is made of
    /// records of a stream goes on with their <see cref="ShardRange"/>.
    /// </summary>
    public static bool IsCdc(string key) => CdcPattern().IsMatch(key);

    /// <summary>Whether the last part of a key names a file of either kind.</summary>
    public static bool IsOfDms(string key) => IsLoad(key) || IsCdc(key);

    /// <summary>
    /// The time that the last part of a key tells, as <c>yyyyMMdd-HHmmss</c> with or without fractions, UTC; null when it tells none.
    /// </summary>
    public static DateTime? TimeOf(string key)
    {
        const DateTimeStyles isUtc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var match = TimePattern().Match(key[(key.LastIndexOf('/') + 1)..]);
        if (!match.Success)
            return null;

        var milliseconds = match.Groups["fraction"].Value.PadRight(3, '0')[..3];
        var time = match.Groups["time"].Value + milliseconds;
        return DateTime.TryParseExact(time, "yyyyMMdd-HHmmssfff", CultureInfo.InvariantCulture, isUtc, out var utc) ? utc : null;
    }

    [GeneratedRegex(@"(?<!\d)(?<time>\d{8}-\d{6})(?<fraction>\d{0,6})(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex TimePattern();

    [GeneratedRegex(@"(^|/)([A-Za-z0-9]+_)?LOAD[0-9A-Fa-f]{8}\.parquet$", RegexOptions.CultureInvariant)]
    private static partial Regex LoadPattern();

    [GeneratedRegex(@"(^|/)\d{8}-\d{9,10}(-\d{12}-\d+-\d+-[0-9a-f]{16})?\.parquet$", RegexOptions.CultureInvariant)]
    private static partial Regex CdcPattern();
}
