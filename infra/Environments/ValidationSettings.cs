namespace CdcDms.Infra.Environments;

/// <summary>What happens to rows that differ from the source, as a proof tells.</summary>
public enum RepairMode
{
    /// <summary>They stay until somebody runs <c>repair</c>.</summary>
    Manual,

    /// <summary>They are made as they were at the source when the proof read them.</summary>
    Auto,
}

/// <summary>The proof of whole tables.</summary>
/// <param name="Schedule">When it starts. Default: <see cref="Defaults.FullProofSchedule"/>.</param>
/// <param name="LeaveOut">The tables that it leaves out, each as <c>schema.name</c> at the source. Default: none.</param>
public sealed record FullProofSettings(Schedule Schedule, IReadOnlyList<string> LeaveOut)
{
    // One start may be lost; what the next one finds is judged within as many batches as may pass before one that is missing is told.
    private const int Gaps = 2;
    private const int Batches = 3;

    /// <summary>The age from which on the newest proof of a table is too old.</summary>
    /// <param name="batches">When batches start.</param>
    public TimeSpan MostAge(Schedule batches) => (Gaps * Schedule.LongestGap) + (Batches * batches.LongestGap);
}

/// <summary>
/// By what rows are read at the source for proofs: a read replica of it, or a role that may only read. The database, and how its server
/// proves who it is, are those of the source; host, port, user and password are in the secret.
/// </summary>
public sealed record ReadSourceSettings
{
    /// <summary>The secret with <c>username</c>, <c>password</c>, <c>host</c> and <c>port</c>.</summary>
    public required string SecretArn { get; init; }

    /// <summary>The customer-managed key of the secret. Default: none, Secrets Manager's own key.</summary>
    public string? SecretKmsKeyArn { get; init; }

    /// <summary>TCP port. Default: <see cref="Defaults.Port"/>.</summary>
    public required int Port { get; init; }

    /// <summary>The security group to which connections are allowed. Default: none, as the source's.</summary>
    public string? SecurityGroupId { get; init; }
}

/// <summary>How the analytics database is proven to hold what the source holds.</summary>
public sealed record ValidationSettings
{
    /// <summary>
    /// The most keys of a table's new files that are proven after each batch; 0 for none. Default: <see cref="Defaults.SampleKeys"/>.
    /// </summary>
    public required int SampleKeys { get; init; }

    /// <summary>The proof of whole tables; null when switched off. Default: on.</summary>
    public FullProofSettings? Full { get; init; }

    /// <summary>By what rows are read at the source; null for what writes the markers. Default: none.</summary>
    public ReadSourceSettings? Source { get; init; }

    /// <summary>Default: <see cref="Defaults.Repair"/>.</summary>
    public required RepairMode Repair { get; init; }
}
