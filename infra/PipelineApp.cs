using Amazon.CDK;

namespace CdcDms.Infra;

/// <summary>The CDK's app, with what is the same for all that is synthesized.</summary>
internal static class PipelineApp
{
    /// <summary>
    /// An app that reports nothing to AWS. Warnings are without their stack, which is jsii's own and names folders of this machine: the
    /// same sources would give another manifest elsewhere.
    /// </summary>
    /// <param name="folder">Where the templates go. Default: where the CDK's command line wants them.</param>
    /// <param name="context">Default: what the CDK's command line hands over.</param>
    public static App Create(string? folder = null, IDictionary<string, object>? context = null) =>
        new(new AppProps { AnalyticsReporting = false, StackTraces = false, Outdir = folder, Context = context });
}
