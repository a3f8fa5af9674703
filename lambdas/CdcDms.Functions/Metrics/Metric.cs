namespace CdcDms.Functions.Metrics;

/// <summary>Which series of a metric a value goes into: CloudWatch charges for each.</summary>
internal enum MetricScope
{
    /// <summary>That of the environment.</summary>
    Environment,

    /// <summary>That of the table.</summary>
    Table,

    /// <summary>That of the environment and that of the table.</summary>
    Both,
}

/// <summary>A value of a metric.</summary>
/// <param name="Name">One of <see cref="Contract.MetricNames"/>.</param>
/// <param name="Unit">One of CloudWatch's units.</param>
/// <param name="Value">The value in this unit.</param>
/// <param name="Scope">Which series it goes into.</param>
internal readonly record struct Metric(string Name, string Unit, double Value, MetricScope Scope = MetricScope.Environment);
