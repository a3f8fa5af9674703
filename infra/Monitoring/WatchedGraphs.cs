using Amazon.CDK.AWS.CloudWatch;

namespace CdcDms.Infra.Monitoring;

/// <summary>Graphs of what alarms watch, each with the values from which on they ring.</summary>
/// <param name="definitions">The alarms of the environment.</param>
internal sealed class WatchedGraphs(IReadOnlyList<AlarmDefinition> definitions)
{
    /// <summary>A graph; null where the environment has none of the alarms, and there is nothing else to show.</summary>
    /// <param name="title">With the unit.</param>
    /// <param name="alarms">Names of alarms, of which an environment may lack some.</param>
    /// <param name="more">Other metrics beside them.</param>
    public GraphWidget? Of(string title, string[] alarms, params IEnumerable<IMetric> more)
    {
        var watched = definitions.Where(definition => alarms.Contains(definition.Name)).ToList();
        IMetric[] metrics = [.. watched.Select(definition => definition.Metric), .. more];
        return metrics.Length == 0 ? null : new GraphWidget(new GraphWidgetProps
        {
            Title = title,
            Left = metrics,
            LeftAnnotations = [.. watched.Where(definition => definition.Threshold > 0).Select(Line)],
            Width = DashboardSection.GraphWidth,
        });
    }

    private static HorizontalAnnotation Line(AlarmDefinition definition) =>
        new() { Value = definition.Threshold, Label = definition.Name, Color = Color.RED };
}
