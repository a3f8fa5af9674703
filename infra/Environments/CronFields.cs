using System.Globalization;

namespace CdcDms.Infra.Environments;

/// <summary>
/// The six fields of an EventBridge cron expression: numbers, names, <c>*</c>, <c>?</c>, lists, ranges and steps.
/// <c>L</c>, <c>W</c> and <c>#</c>, which only make sense for less than daily schedules, are refused.
/// </summary>
internal sealed class CronFields
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private readonly HashSet<int> _minutes, _hours, _days, _months, _weekdays, _years;

    public CronFields(string[] fields)
    {
        _minutes = Read("minute", fields[0], 0, 59, []);
        _hours = Read("hour", fields[1], 0, 23, []);
        _days = Read("day", fields[2], 1, 31, []);
        _months = Read("month", fields[3], 1, 12, Months);
        _weekdays = Read("weekday", fields[4], 1, 7, Weekdays);
        _years = Read("year", fields[5], 1970, 2199, []);
        if ((fields[2] == "?") == (fields[4] == "?"))
            throw new FormatException("exactly one of day and weekday must be '?'");
    }

    /// <summary>The longest time between two starts within a leap year and its successor; starts every year look alike otherwise.</summary>
    public TimeSpan LongestGap()
    {
        var (from, to) = (new DateTime(2028, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        if (!_years.Contains(2028) || !_years.Contains(2029))
            throw new FormatException("the year must be '*'");
        var times = _hours.Order().SelectMany(hour => _minutes.Order().Select(minute => new TimeSpan(hour, minute, 0))).ToList();
        DateTime? last = null;
        var longest = TimeSpan.Zero;
        for (var day = from; day < to; day = day.AddDays(1))
        {
            if (!_months.Contains(day.Month) || !_days.Contains(day.Day) || !_weekdays.Contains((int)day.DayOfWeek + 1))
                continue;
            foreach (var time in times)
            {
                var gap = day + time - (last ?? day + time);
                longest = gap > longest ? gap : longest;
                last = day + time;
            }
        }

        return longest > TimeSpan.Zero ? longest : throw new FormatException("it never starts twice");
    }

    private static HashSet<int> Read(string field, string text, int min, int max, string[] names)
    {
        var all = Enumerable.Range(min, max - min + 1);
        if (text is "*" || (text is "?" && field is "day" or "weekday"))
            return [.. all];
        return [.. text.Split(',').SelectMany(item => Item(field, item, min, max, names))];
    }

    private static IEnumerable<int> Item(string field, string item, int min, int max, string[] names)
    {
        var parts = item.Split('/');
        var step = parts.Length switch
        {
            1 => 1,
            2 => Number(field, parts[1], 1, max, []),
            _ => throw new FormatException($"'{item}' is no {field}"),
        };
        var ends = parts[0].Split('-');
        var (from, to) = (parts[0], ends.Length) switch
        {
            ("*", _) => (min, max),
            (_, 1) when parts.Length == 1 => (Number(field, ends[0], min, max, names), Number(field, ends[0], min, max, names)),
            (_, 1) => (Number(field, ends[0], min, max, names), max),
            (_, 2) => (Number(field, ends[0], min, max, names), Number(field, ends[1], min, max, names)),
            _ => throw new FormatException($"'{item}' is no {field}"),
        };
        if (from > to)
            throw new FormatException($"the {field} range '{item}' runs backwards");
        for (var value = from; value <= to; value += step)
            yield return value;
    }

    private static int Number(string field, string text, int min, int max, string[] names)
    {
        var name = Array.IndexOf(names, text.ToUpperInvariant());
        if (name >= 0)
            return name + min;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new FormatException($"'{text}' is no {field}");
    }
}
