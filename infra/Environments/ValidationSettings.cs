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
public sealed record FullProofSettings(Schedule Schedule, IReadOnlyList<string> LeaveOut);

/// <summary>How the analytics database is proven to hold what the source holds.</summary>
public sealed record ValidationSettings
{
    /// <summary>
    /// The most keys of a table's new files that are proven after each batch; 0 for none. Default: <see cref="Defaults.SampleKeys"/>.
    /// </summary>
    public required int SampleKeys { get; init; }

    /// <summary>The proof of whole tables; null when switched off. Default: on.</summary>
    public FullProofSettings? Full { get; init; }

    /// <summary>Default: <see cref="Defaults.Repair"/>.</summary>
    public required RepairMode Repair { get; init; }
}
