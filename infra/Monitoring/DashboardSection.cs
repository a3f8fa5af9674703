using Amazon.CDK.AWS.CloudWatch;

namespace CdcDms.Infra.Monitoring;

/// <summary>A station of the way from the source to the analytics database, as an operator looks at it.</summary>
/// <param name="Heading">Its name.</param>
/// <param name="Good">One sentence about what it looks like when all is well.</param>
/// <param name="Graphs">What is shown; null is left out.</param>
internal sealed record DashboardSection(string Heading, string Good, params IReadOnlyList<GraphWidget?> Graphs)
{
    /// <summary>A third of the page, which is 24 wide.</summary>
    public const double GraphWidth = 8;

    private const double Page = 24;

    /// <summary>The heading, and below it the graphs.</summary>
    public void AddTo(Dashboard dashboard)
    {
        dashboard.AddWidgets(Text($"## {Heading}\n{Good}"));
        dashboard.AddWidgets([.. Graphs.OfType<GraphWidget>()]);
    }

    /// <summary>A text as wide as the page, with room for a heading and a line.</summary>
    public static TextWidget Text(string markdown) => new(new TextWidgetProps { Markdown = markdown, Width = Page, Height = 2 });
}
