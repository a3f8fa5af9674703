namespace CdcDms.Contract.Functions;

/// <summary>Output of the health function.</summary>
public sealed record HealthOutput
{
    /// <summary>How the pipeline is.</summary>
    public required HealthReport Report { get; init; }

    /// <summary>The same for people, as text.</summary>
    public required string Message { get; init; }

    /// <summary>Whether people are to be told, as the input says.</summary>
    public required bool Tell { get; init; }
}
