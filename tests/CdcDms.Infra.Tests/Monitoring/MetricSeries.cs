using System.Text.RegularExpressions;
using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Tests.Monitoring;

/// <summary>What a metric says, minute by minute.</summary>
/// <param name="Name">The metric's name, and after an <c>@</c> what its dimensions must hold.</param>
/// <param name="At">Its value at a minute; null when it is silent.</param>
internal sealed partial record MetricSeries(string Name, Func<int, double?> At)
{
    public bool IsOf(TemplateResource alarm)
    {
        var name = Name.Split('@');
        return NameIn(alarm) == name[0] && (name.Length == 1 || alarm.Text("Dimensions").Contains(name[1], StringComparison.Ordinal));
    }

    /// <summary>The metric that an alarm looks at, by its name or by a query over tables; null when it looks at a sum of several.</summary>
    public static string? NameIn(TemplateResource alarm) =>
        alarm["MetricName"]?.ToString()
        ?? (Queried().Match(alarm["Metrics"]?[0]?["Expression"]?.ToString() ?? "") is { Success: true } found
            ? found.Groups[1].Value
            : null);

    /// <summary>A value at some minutes.</summary>
    public static MetricSeries Once(string name, params int[] minutes) => new(name, minute => minutes.Contains(minute) ? 1 : null);

    /// <summary>A value each minute from one to another.</summary>
    public static MetricSeries Between(string name, int from, int to, double value = 1) =>
        new(name, minute => minute >= from && minute < to ? value : null);

    /// <summary>A value every so many minutes, from one on to another.</summary>
    public static MetricSeries Every(string name, int minutes, int from, int to, double value = 1) =>
        new(name, minute => minute >= from && minute < to && (minute - from) % minutes == 0 ? value : null);

    [GeneratedRegex(@"^SELECT \w+\((\w+)\) FROM")]
    private static partial Regex Queried();
}
