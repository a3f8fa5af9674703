using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Quarantine;

namespace CdcDms.Pipeline.Operations;

/// <summary>Where every table stands.</summary>
/// <param name="Tables">The tables of the ledger; none when nothing was merged yet.</param>
public sealed record StatusReport(IReadOnlyList<TableStatus> Tables);

/// <summary>The open changes of the quarantine.</summary>
/// <param name="Changes">The changes, oldest first.</param>
public sealed record QuarantineReport(IReadOnlyList<QuarantineEntry> Changes)
{
    internal static QuarantineReport Of(IEnumerable<QuarantinedChange> changes) => new([.. changes.Select(QuarantineEntry.Of)]);
}

/// <summary>One change of the quarantine, with its values as JSON.</summary>
/// <inheritdoc cref="QuarantinedChange"/>
public sealed record QuarantineEntry(
    long Id, string Target, DateTime QuarantinedUtc, string Reason, string? Operation, string? Version, JsonNode Change, string Error,
    string? Told)
{
    internal static QuarantineEntry Of(QuarantinedChange change) => new(
        change.Id,
        change.Target,
        change.QuarantinedUtc,
        change.Reason,
        change.Operation,
        change.Version,
        JsonNode.Parse(change.Change)!,
        change.Error,
        change.Told);
}

/// <summary>What was done to a table that an operator lets go on.</summary>
public enum ResumeOutcome
{
    /// <summary>Nothing: it is not parked, and has no rejected file.</summary>
    [JsonStringEnumMemberName("nothing")]
    Nothing,

    /// <summary>Its rejected files are read again, and if it was parked it goes on.</summary>
    [JsonStringEnumMemberName("wentOn")]
    WentOn,

    /// <summary>The next merge lists all of its folders; it was not parked.</summary>
    [JsonStringEnumMemberName("swept")]
    Swept,
}

/// <summary>What was done to a table that an operator lets go on.</summary>
public sealed record ResumeReport(ResumeOutcome Outcome);

/// <summary>What was done to changes that an operator gives up.</summary>
/// <param name="Dropped">How many were closed.</param>
public sealed record DropReport(long Dropped);

/// <summary>Rows that were read at the source for proofs.</summary>
/// <param name="Proofs">The proofs' numbers in the ledger.</param>
public sealed record ProofsAsked(IReadOnlyList<long> Proofs);

/// <summary>A request of which nothing is told but that it was done.</summary>
public sealed record DoneReport;
