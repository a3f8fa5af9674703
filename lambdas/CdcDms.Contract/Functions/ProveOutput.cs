using System.Text.Json.Serialization;

namespace CdcDms.Contract.Functions;

/// <summary>Output of the prove function: the rows that were read at the source, which the merges judge.</summary>
public sealed record ProveOutput
{
    /// <summary>The source table, <c>schema.name</c>.</summary>
    public required string Table { get; init; }

    /// <summary>
    /// Keys that were read, by all calls of a comparison; none when the whole table is equal, or nothing was merged since the last sample.
    /// </summary>
    public required long Keys { get; init; }

    /// <summary>What keeps the comparison of the whole table from its end: the workflow calls again.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ComparisonMore More { get; init; }

    /// <summary>What the comparison found so far; what differs may only be on its way. Null for a sample.</summary>
    public ValidateOutput? Compared { get; init; }

    /// <summary>Why not all rows that differ were read, so that the table stays unproven; null when all were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Incomplete { get; init; }

    /// <summary>
    /// Why no row of the table can be proven; null when rows can. It is written then, too: a path of the state machine leads to it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Unprovable { get; init; }
}
