namespace CdcDms.Contract.Functions;

/// <summary>Output of the function that asks DMS, and a part of <see cref="HealthInput"/>.</summary>
public sealed record AskedReplication
{
    /// <summary>What DMS says; null when it could not be asked.</summary>
    public ReplicationHealth? Health { get; init; }
}
