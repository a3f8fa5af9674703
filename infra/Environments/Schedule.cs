using System.Globalization;
using System.Text.RegularExpressions;

namespace CdcDms.Infra.Environments;

/// <summary>An EventBridge schedule: <c>rate(1 hour)</c> or <c>cron(minute hour day month weekday year)</c>, in UTC.</summary>
/// <param name="Expression">The text that AWS gets.</param>
/// <param name="LongestGap">The longest time between two starts.</param>
public sealed partial record Schedule(string Expression, TimeSpan LongestGap)
{
    /// <summary>Reads an expression.</summary>
    /// <exception cref="FormatException">It is none; the message says where.</exception>
    public static Schedule Parse(string expression)
    {
        if (RatePattern().Match(expression) is { Success: true } rate)
            return new Schedule(expression, Rate(rate));
        if (CronPattern().Match(expression) is { Success: true } cron)
            return new Schedule(expression, new CronFields(cron.Groups[1].Value.Split(' ')).LongestGap());
        throw new FormatException("write it as rate(1 hour) or as cron(5 * * * ? *)");
    }

    private static TimeSpan Rate(Match rate)
    {
        if (!int.TryParse(rate.Groups[1].Value, CultureInfo.InvariantCulture, out var count) || count is 0 or > 10_000)
            throw new FormatException("the rate must be a number from 1 to 10000");
        var unit = rate.Groups[2].Value;
        if (unit.EndsWith('s') == (count == 1))
            throw new FormatException(count == 1 ? "one takes a unit in the singular" : "more than one takes a unit in the plural");
        return unit.TrimEnd('s') switch
        {
            "minute" => TimeSpan.FromMinutes(count),
            "hour" => TimeSpan.FromHours(count),
            _ => TimeSpan.FromDays(count),
        };
    }

    [GeneratedRegex(@"^rate\((\d+) (minutes?|hours?|days?)\)$", RegexOptions.CultureInvariant)]
    private static partial Regex RatePattern();

    [GeneratedRegex(@"^cron\((\S+ \S+ \S+ \S+ \S+ \S+)\)$", RegexOptions.CultureInvariant)]
    private static partial Regex CronPattern();
}
