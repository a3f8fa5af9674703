using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Tests.Monitoring;

/// <summary>What a metric says, minute by minute.</summary>
/// <param name="Name">The metric's name, and after an <c>@</c> what its dimensions must hold.</param>
/// <param name="At">Its value at a minute; null when it is silent.</param>
internal sealed record MetricSeries(string Name, Func<int, double?> At)
{
    public bool IsOf(TemplateResource alarm)
    {
        var name = Name.Split('@');
        return alarm.Text("MetricName") == name[0]
            && (name.Length == 1 || alarm.Text("Dimensions").Contains(name[1], StringComparison.Ordinal));
    }

    /// <summary>A value at some minutes.</summary>
    public static MetricSeries Once(string name, params int[] minutes) => new(name, minute => minutes.Contains(minute) ? 1 : null);

    /// <summary>A value each minute from one to another.</summary>
    public static MetricSeries Between(string name, int from, int to, double value = 1) =>
        new(name, minute => minute >= from && minute < to ? value : null);

    /// <summary>A value every so many minutes, from one on to another.</summary>
    public static MetricSeries Every(string name, int minutes, int from, int to, double value = 1) =>
        new(name, minute => minute >= from && minute < to && (minute - from) % minutes == 0 ? value : null);
}
