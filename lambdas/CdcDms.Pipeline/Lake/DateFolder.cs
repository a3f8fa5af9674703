using System.Globalization;
using System.Text.RegularExpressions;

namespace CdcDms.Pipeline.Lake;

/// <summary>
/// The date folder of a CDC file, in one of the forms whose names sort by date: the year first, with any delimiter or none, with or without
/// a day (docs/dms-contract.md#date-folders). Files that stand in no folder begin with the date on which they were made.
/// </summary>
/// <param name="Date">
/// The commit date of the file's changes, or that of the day before they were written if they came late through a stream; the first of the
/// month in a folder of a month.
/// </param>
/// <param name="Delimiter">What stands between year, month and day; may be empty.</param>
/// <param name="HasDay">Whether the folder is one of a day, or of its hours.</param>
internal sealed partial record DateFolder(DateOnly Date, string Delimiter, bool HasDay)
{
    // Date folders are commit dates, and DMS reads commits in their order. So new files come into the newest folder of which any was
    // merged or behind it, however long the task stood still, and some late ones shortly before it.
    private const int LookbackDays = 2;

    // A month and a year, or a day and a month, are no year: four digits that could be either are below this.
    private const int FirstYear = 1970;

    /// <summary>The folder of a CDC file.</summary>
    /// <param name="path">The file's key without the table's prefix.</param>
    /// <returns>Null for a folder that does not sort by date (<c>MMYYYYDD</c>, <c>DDMMYYYY</c>).</returns>
    public static DateFolder? Of(string path)
    {
        var match = Pattern().Match(path);
        var (year, month, day) = (match.Groups["year"].Value, match.Groups["month"].Value, match.Groups["day"].Value);
        var digits = year + month + (day.Length > 0 ? day : "01");
        return DateOnly.TryParseExact(digits, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && date.Year >= FirstYear
            ? new DateFolder(date, match.Groups["delimiter"].Value, day.Length > 0)
            : null;
    }

    /// <summary>This folder, or the one of a latest day: a folder of the future, by whatever mistake, hides no others.</summary>
    public DateFolder NotAfter(DateOnly latest) => Date < latest ? this : this with { Date = latest };

    /// <summary>Where files can be new, when files of this folder were merged: it and all behind it.</summary>
    public DateFolder Recent => this with { Date = Date.AddDays(-LookbackDays) };

    /// <summary>The name by which <see cref="Of"/> knows a folder again.</summary>
    public override string ToString() =>
        Date.ToString(HasDay ? $"yyyy'{Delimiter}'MM'{Delimiter}'dd" : $"yyyy'{Delimiter}'MM", CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(?<year>\d{4})(?<delimiter>[/_-]?)(?<month>\d{2})(\k<delimiter>(?<day>\d{2}))?(\k<delimiter>\d{2})?(/|$|-\d{9,10}\.)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
