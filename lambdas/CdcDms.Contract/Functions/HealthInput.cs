using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Functions;

/// <summary>Input of the health function.</summary>
public sealed record HealthInput
{
    /// <summary>The lake, <c>s3://BUCKET/PREFIX</c>.</summary>
    public required string Lake { get; init; }

    /// <summary>The tables.</summary>
    public required IReadOnlyList<TableDefinition> Tables { get; init; }

    /// <summary>From which values on something is told.</summary>
    public required HealthLimits Limits { get; init; }

    /// <summary>Whether people are to be told how the pipeline is, also when nothing is wrong.</summary>
    public required bool Tell { get; init; }

    /// <summary>The runbook's page, to which a message adds the section of each finding. Default: its path in this project.</summary>
    public string Runbook { get; set; } = "docs/runbook.md";

    /// <summary>What DMS says of the replication.</summary>
    public required AskedReplication Replication { get; init; }
}

/// <summary>From which values on the health check tells of something; the defaults are those of an environment file.</summary>
public sealed record HealthLimits
{
    /// <summary>Age of the oldest change file that is not merged. Default: 150.</summary>
    public int WaitingMinutes { get; set; } = 150;

    /// <summary>Age of the time up to which every change of a table is known to be merged. Default: 60.</summary>
    public int FreshnessMinutes { get; set; } = 60;

    /// <summary>Age of the newest marker at the source. Default: 900.</summary>
    public int MarkerSeconds { get; set; } = 900;

    /// <summary>WAL that the source keeps for a slot. Default: 10.</summary>
    public int SlotLagGigabytes { get; set; } = 10;

    /// <summary>From when on the newest proof of a whole table is too old. Default: never, where no schedule starts full proofs.</summary>
    public ProofLimit? Proof { get; init; }
}

/// <summary>From when on the newest proof of a whole table that found every row right, or repaired it, is too old.</summary>
/// <param name="Minutes">Its age.</param>
/// <param name="LeaveOut">The tables that full proofs leave out, each as <c>schema.name</c> at the source.</param>
public sealed record ProofLimit(int Minutes, IReadOnlyList<string> LeaveOut);
