using System.Text.Json.Serialization;

namespace CdcDms.Contract.Functions;

/// <summary>How the pipeline is: what is wrong with it, and the facts by which that is known.</summary>
public sealed record HealthReport
{
    /// <summary>When the check began, UTC.</summary>
    public required DateTime CheckedUtc { get; init; }

    /// <summary>Whether everything was looked at, and nothing is wrong.</summary>
    public bool Healthy => Findings.Count == 0;

    /// <summary>The runbook's page, which has the section of each finding. Default: its path in this project.</summary>
    public string RunbookPage { get; set; } = "docs/runbook.md";

    /// <summary>What is wrong, the worst first.</summary>
    public required IReadOnlyList<HealthFinding> Findings { get; init; }

    /// <summary>What is left out here, since an answer holds no more; null when nothing is.</summary>
    public HealthLeftOut? LeftOut { get; init; }

    /// <summary>The states of all tables in numbers; null when the ledger could not be read.</summary>
    public HealthCounts? Counts { get; init; }

    /// <summary>The replication; null when there is none, or it could not be asked.</summary>
    public ReplicationHealth? Replication { get; init; }

    /// <summary>The source database; null when it could not be read.</summary>
    public SourceHealth? Source { get; init; }

    /// <summary>Messages of a stream that could not be understood; null when there are none, or the lake could not be listed.</summary>
    public RejectsHealth? Rejects { get; init; }

    /// <summary>The certificates by which functions and DMS trust the databases; none where the system's are used.</summary>
    public IReadOnlyList<CertificateHealth> Certificates { get; set; } = [];

    /// <summary>The secrets by which functions reach the databases; none where there are none, or their age is not known.</summary>
    public IReadOnlyList<SecretHealth> Secrets { get; set; } = [];

    /// <summary>Table by table; of the function only as many as an answer holds, those with a finding first.</summary>
    public required IReadOnlyList<TableHealth> Tables { get; init; }
}

/// <summary>How soon somebody must look.</summary>
public enum HealthSeverity
{
    /// <summary>Now: changes are not arriving, or soon will not.</summary>
    [JsonStringEnumMemberName("critical")]
    Critical,

    /// <summary>In the morning.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Severity">How soon somebody must look.</param>
/// <param name="Runbook">The section of docs/runbook.md that says what to do.</param>
/// <param name="Reason">What is wrong: a sentence.</param>
/// <param name="Table">The source table, <c>schema.name</c>; null when it is about no single one.</param>
public sealed record HealthFinding(HealthSeverity Severity, string Runbook, string Reason, string? Table = null);

/// <summary>Messages of a stream that wait beside the lake.</summary>
/// <param name="Generation">The newest generation, to which they belong: those of an older one say nothing of what it has loaded.</param>
/// <param name="Objects">The objects that keep them, at least 1; a thousand and more count as a thousand.</param>
public sealed record RejectsHealth(int Generation, int Objects);

/// <summary>How much a report leaves out. The log of the function has all of it.</summary>
/// <param name="Critical">Critical findings.</param>
/// <param name="Warnings">Findings that are warnings.</param>
/// <param name="Tables">Tables.</param>
public sealed record HealthLeftOut(int Critical, int Warnings, int Tables);

/// <summary>The states of all tables in numbers.</summary>
public sealed record HealthCounts
{
    /// <summary>Tables into which nothing is merged until somebody resumes them.</summary>
    public required int TablesParked { get; init; }

    /// <summary>Tables of which nobody knows whether they have exactly the rows of their source.</summary>
    public required int TablesUnproven { get; init; }

    /// <summary>
    /// The most of <see cref="TableHealth.ProofSeconds"/> of all tables, 0 when none has any; null where no schedule starts full proofs.
    /// </summary>
    public double? OldestProofSeconds { get; init; }

    /// <summary>Open changes in the quarantine.</summary>
    public required long ChangesInQuarantine { get; init; }

    /// <summary>Files that cannot be read.</summary>
    public required long FilesUnreadable { get; init; }

    /// <summary>Change files that are not merged; null when the lake could not be listed.</summary>
    public long? FilesWaiting { get; init; }

    /// <summary>Age of the oldest of them in seconds, 0 when none waits; null when the lake could not be listed.</summary>
    public double? OldestWaitingFileSeconds { get; init; }
}
