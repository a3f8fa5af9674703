using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Infra.Notices;

namespace CdcDms.Infra.Monitoring;

/// <summary>One thing that is watched. What it means and what to do stands in <c>docs/runbook.md</c> under the same name.</summary>
internal sealed record AlarmDefinition
{
    /// <summary>Name of the alarm and of its section in the runbook, such as <c>source-latency</c>.</summary>
    public required string Name { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>What has happened when the alarm rings, in one sentence.</summary>
    public required string Meaning { get; init; }

    public required IMetric Metric { get; init; }

    /// <summary>In the metric's own unit.</summary>
    public required double Threshold { get; init; }

    public ComparisonOperator Comparison { get; init; } = ComparisonOperator.GREATER_THAN_THRESHOLD;

    /// <summary>Periods in a row. Default: 3.</summary>
    public int Periods { get; init; } = 3;

    /// <summary>What silence means. Default: nothing.</summary>
    public TreatMissingData Silence { get; init; } = TreatMissingData.MISSING;

    /// <summary>Whether it tells nobody while a deployment or a load is under way (<see cref="PlannedWork"/>). Default: it tells.</summary>
    public bool QuietWhilePlanned { get; init; }

    /// <summary>Whether it tells nobody while a deployment is under way, which a load says nothing of. Default: it tells.</summary>
    public bool QuietWhileDeployed { get; init; }

    /// <summary>
    /// Whether it tells nobody until the replication has run for as long as it looks back, since silence said nothing before; its metric is
    /// no expression then. Default: it tells.
    /// </summary>
    public bool QuietAtFirst { get; init; }

    /// <summary>Rings as soon as something is counted that should never happen; silence is good.</summary>
    public static AlarmDefinition AtTheFirst(string name, Severity severity, string meaning, IMetric metric) => new()
    {
        Name = name,
        Severity = severity,
        Meaning = meaning,
        Metric = metric,
        Threshold = 0,
        Periods = 1,
        Silence = TreatMissingData.NOT_BREACHING,
    };
}
