using System.Text.Json.Serialization;
using CdcDms.Contract.Lake;

namespace CdcDms.Contract.Functions;

/// <summary>Output of the plan function.</summary>
public sealed record PlanOutput
{
    /// <summary>
    /// Groups of full-load files that may be merged side by side, in any order: they only fill gaps. None where they do more than that.
    /// At most 1,000 files in all, and at most 128 KiB of JSON, half of what a state may hold; plan again after them.
    /// </summary>
    public required IReadOnlyList<FileGroup> SnapshotGroups { get; init; }

    /// <summary>Whether anything else waits, to be merged one batch after the other.</summary>
    public required bool ChangesWait { get; init; }

    /// <summary>
    /// The address of a plan by which Spark shall reduce waiting changes before they are merged; null when they are merged as they are. It
    /// is written then, too: a path of the state machine leads to it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? SparkPlan { get; init; }

    /// <summary>Whether more changes wait than the plan for Spark takes: plan again when what Spark leaves of these is merged.</summary>
    public bool MoreForSpark { get; init; }

    /// <summary>Why changes that could be left to Spark are merged as they are, as a sentence; null when that is not so.</summary>
    public string? NotForSpark { get; init; }

    /// <summary>
    /// Why nothing was done: another execution merges the table; null when it was not so. It is written then, too: a path of the state
    /// machine leads to it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? LeftAlone { get; init; }
}
