using System.Globalization;
using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Tests.Monitoring;

/// <summary>
/// A metric alarm as CloudWatch evaluates it (Amazon CloudWatch user guide, "Evaluating an alarm"): each minute, over the periods before.
/// </summary>
internal sealed class MetricAlarm(TemplateResource alarm, IReadOnlyList<MetricSeries> metrics)
{
    private readonly MetricSeries? _series = metrics.SingleOrDefault(series => series.IsOf(alarm));
    private readonly int _minutes = Number("Period", alarm) / 60;
    private readonly int _periods = Number("EvaluationPeriods", alarm);
    private readonly int _datapoints = Number(alarm["DatapointsToAlarm"] is null ? "EvaluationPeriods" : "DatapointsToAlarm", alarm);

    /// <summary>Whether it rings. Before anything is known it does not.</summary>
    public bool Rings { get; private set; }

    /// <summary>Looks at what was measured up to a minute.</summary>
    public void Evaluate(int minute)
    {
        var values = Enumerable.Range(1, _periods).Select(back => Value(minute - (back * _minutes))).ToList();
        if (values.TrueForAll(value => value is null) && alarm.Text("TreatMissingData") is "ignore" or "missing")
            return;
        Rings = values.Count(value => value is { } known ? Breaches(known) : alarm.Text("TreatMissingData") == "breaching") >= _datapoints;
    }

    private double? Value(int from)
    {
        var values = Enumerable.Range(from, _minutes).Select(minute => _series?.At(minute)).OfType<double>().ToList();
        return values.Count == 0 ? null : alarm.Text("Statistic") switch
        {
            "Sum" => values.Sum(),
            "Maximum" => values.Max(),
            "Minimum" => values.Min(),
            var other => throw new NotSupportedException(other),
        };
    }

    private bool Breaches(double value) => alarm.Text("ComparisonOperator") switch
    {
        "GreaterThanThreshold" => value > double.Parse(alarm.Text("Threshold"), CultureInfo.InvariantCulture),
        "LessThanThreshold" => value < double.Parse(alarm.Text("Threshold"), CultureInfo.InvariantCulture),
        var other => throw new NotSupportedException(other),
    };

    private static int Number(string property, TemplateResource alarm) => int.Parse(alarm.Text(property), CultureInfo.InvariantCulture);
}
