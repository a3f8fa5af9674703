using System.Text.Json.Serialization;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Preflight;

/// <summary>What a finding does to the pipeline, the worst first.</summary>
public enum FindingSeverity
{
    /// <summary>DMS, the local capture or the merge does not start, or stops.</summary>
    [JsonStringEnumMemberName("blocks")]
    Blocks,

    /// <summary>Rows, changes or parts of values do not arrive.</summary>
    [JsonStringEnumMemberName("loses")]
    Loses,

    /// <summary>Something may go wrong later, or could not be looked at.</summary>
    [JsonStringEnumMemberName("warns")]
    Warns,
}

/// <summary>The database that a finding is about.</summary>
public enum CheckedDatabase
{
    /// <summary>The database whose changes are captured.</summary>
    [JsonStringEnumMemberName("source")]
    Source,

    /// <summary>The database into which they are merged.</summary>
    [JsonStringEnumMemberName("analytics")]
    Analytics,
}

/// <summary>
/// One thing that is not as the pipeline needs it, and what cures it: statements, something else, or first the one and then the other.
/// </summary>
public sealed record Finding
{
    // Only a report that is read from JSON is made otherwise than by the methods below.
    [JsonConstructor]
    internal Finding()
    {
    }

    /// <summary>The check that found it; the page docs/command-line.md lists them.</summary>
    public string Check { get; init; } = "";

    /// <summary>What it does to the pipeline.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>Where it was found.</summary>
    public CheckedDatabase Database { get; init; } = CheckedDatabase.Source;

    /// <summary>The source table, <c>schema.name</c>; null when it is about the database as a whole.</summary>
    public string? Table { get; init; }

    /// <summary>What is wrong and what comes of it: a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Statements that cure it, for the owner of the tables or a superuser; empty when no statement can.</summary>
    public IReadOnlyList<string> Sql { get; init; } = [];

    /// <summary>
    /// Whether somebody has to choose before <see cref="Sql"/> is run: nothing is wrong yet, or the statements take something away or are
    /// refused as things are, of which <see cref="ByHand"/> tells.
    /// </summary>
    [JsonPropertyName("choice")]
    public bool IsChoice { get; init; }

    /// <summary>Statements that put back what <see cref="Sql"/> takes away; empty when that is nothing.</summary>
    public IReadOnlyList<string> Undo { get; init; } = [];

    /// <summary>What no statement can do, such as a restart: a sentence. Null when <see cref="Sql"/> is enough.</summary>
    public string? ByHand { get; init; }

    /// <summary>A finding that statements cure.</summary>
    internal static Finding WithSql(FindingSeverity severity, string reason, params string[] sql) =>
        new() { Severity = severity, Reason = reason, Sql = sql, IsChoice = severity is FindingSeverity.Warns };

    /// <summary>A finding that statements cure, but not without something else.</summary>
    internal static Finding ToChoose(FindingSeverity severity, string reason, string byHand, params string[] sql) =>
        new() { Severity = severity, Reason = reason, Sql = sql, IsChoice = true, ByHand = byHand };

    /// <summary>A finding that somebody has to cure otherwise.</summary>
    internal static Finding WithoutSql(FindingSeverity severity, string reason, string byHand) =>
        new() { Severity = severity, Reason = reason, ByHand = byHand };

    /// <summary>The finding as one of a check.</summary>
    internal Finding Of(string check) => this with { Check = check };

    /// <summary>The finding as one about a source table.</summary>
    internal Finding At(TableName table) => this with { Table = table.ToString() };
}
