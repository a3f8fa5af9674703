namespace CdcDms.Infra.Environments;

/// <summary>How often somebody looks how the pipeline is.</summary>
public sealed record HealthSettings
{
    /// <summary>When it is looked at, for gauges and alarms. Default: <see cref="Defaults.HealthSchedule"/>.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>When people are told how it is, whatever that is. Default: <see cref="Defaults.HealthMessageSchedule"/>.</summary>
    public required Schedule MessageSchedule { get; init; }
}
