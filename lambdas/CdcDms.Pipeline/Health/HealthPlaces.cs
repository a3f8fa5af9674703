using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Pipeline.Health;

/// <summary>
/// Where a health check looks. A place that cannot be found is told as a finding, so each is found when it is looked at, and may throw a
/// <see cref="Contract.CdcDmsException"/>.
/// </summary>
public sealed record HealthPlaces
{
    /// <summary>Finds the source's connection string.</summary>
    public required Func<CancellationToken, Task<string>> SourceAsync { get; init; }

    /// <summary>Finds the analytics database's connection string.</summary>
    public required Func<CancellationToken, Task<string>> TargetAsync { get; init; }

    /// <summary>
    /// Whether a password that a database refuses is read anew by who asked for the look, who hears of it as a fault then. Default: no, and
    /// it is told as a finding.
    /// </summary>
    public Func<bool>? MayReadPasswordsAnew { get; init; }

    /// <summary>The lake.</summary>
    public required LakeReader Lake { get; init; }

    /// <summary>Asks DMS of the replication. Default: there is none.</summary>
    public Func<ReplicationHealth>? Replication { get; init; }

    /// <summary>Reads the certificates of authorities. Default: there are none.</summary>
    public Func<IReadOnlyList<CertificateHealth>>? Certificates { get; init; }

    /// <summary>What asks how old a secret is, for each. Default: there are none.</summary>
    public IReadOnlyList<Func<CancellationToken, Task<SecretHealth>>> Secrets { get; init; } = [];
}
