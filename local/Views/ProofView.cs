using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Proofs;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>What became of the proofs of one table; the whole table was compared when there are numbers of rows.</summary>
internal sealed record ProofSummary(string Table)
{
    public ProofOutcome? Outcome { get; init; }

    /// <summary>Whether every row was judged and none differs.</summary>
    public bool Identical { get; init; }

    public long? SourceRows { get; init; }

    public long? TargetRows { get; init; }

    public long? Missing { get; init; }

    public long? Extra { get; init; }

    public long? Changed { get; init; }

    /// <summary>Keys that are not judged yet.</summary>
    public long? Pending { get; init; }

    /// <summary>Keys of which nothing is said: they changed meanwhile, have a quarantined change, or were too many to ask for.</summary>
    public long? NotJudged { get; init; }

    /// <summary>Of these, keys that have a quarantined change.</summary>
    public long? Quarantined { get; init; }

    public int? Repaired { get; init; }

    public string? Cause { get; init; }

    /// <summary>Whether there are rows that differ and were not read; the cause says why.</summary>
    public bool IsIncomplete { get; init; }

    /// <summary>The first keys that differ.</summary>
    public IReadOnlyList<ProvenDifference>? Differences { get; init; }

    public string? Failure { get; init; }

    /// <summary>Whether rows differed, and all of them were repaired.</summary>
    public bool IsCured() => Outcome is ProofOutcome.Different && !IsIncomplete && Repaired == Missing + Extra + Changed;

    /// <summary>A table's proofs, as they are now.</summary>
    /// <param name="table">The table.</param>
    /// <param name="result">The proofs.</param>
    /// <param name="full">The comparison of the whole table; null when only some keys were asked for.</param>
    public static ProofSummary Of(TableDefinition table, ProofResult result, FullProof? full)
    {
        var compared = full?.Compared;
        var different = compared is null ? 0 : compared.Missing + compared.Extra + compared.Changed;
        // Of a row that changed while it was compared, nothing is asked.
        var notJudged = result.ChangedSince + result.Explained + Math.Max(0, different - result.Keys);
        var incomplete = full is { More: not ComparisonMore.Nothing }
            ? "Some rows that differ are not read yet, because as many proofs are open as are kept; "
                + "run this again once merges have judged them."
            : full?.Incomplete;
        var outcome = incomplete is not null && result.Outcome is ProofOutcome.Proven ? ProofOutcome.NotProven : result.Outcome;
        return new ProofSummary(table.Source.ToString())
        {
            Outcome = outcome,
            Identical = outcome is ProofOutcome.Proven && notJudged == 0,
            SourceRows = compared?.SourceRows,
            TargetRows = compared?.TargetRows,
            Missing = result.Missing,
            Extra = result.Extra,
            Changed = result.Changed,
            Pending = result.Outcome is null ? result.Keys : 0,
            NotJudged = notJudged,
            Quarantined = result.Explained,
            Repaired = result.Repaired,
            IsIncomplete = incomplete is not null,
            Cause = $"{incomplete} {result.Cause}".Trim() is { Length: > 0 } cause ? cause : null,
            Differences = ProvenRows.InOrder(table, result.Differences),
        };
    }
}

/// <summary><c>validate --lake --json</c> and <c>repair --json</c>.</summary>
internal sealed record ProofReport(bool Identical, IReadOnlyList<ProofSummary> Tables);

/// <summary>What proofs have found, and what was repaired.</summary>
internal static class ProofView
{
    // Of each table; with --json there are more.
    private const int ShownRows = 20;

    public static void Write(IReadOnlyList<ProofSummary> results)
    {
        var table = Screen.Table(
            "table", "rows in source", "rows in analytics", "missing", "extra", "changed", "not judged", "pending", "repaired", "proof");
        foreach (var result in results)
            table.AddRow(
            [
                Screen.Cell(result.Table),
                .. new[]
                {
                    result.SourceRows, result.TargetRows, result.Missing, result.Extra, result.Changed, result.NotJudged, result.Pending,
                    result.Repaired,
                }.Select(Screen.OptionalNumber),
                Word(result),
            ]);
        AnsiConsole.Write(table);
        foreach (var result in results)
        {
            foreach (var row in (result.Differences ?? []).Take(ShownRows))
                Screen.Line($"{result.Table} {RowText.Of(row.Key!)}: {What(row)}");
            var others = (result.Missing + result.Extra + result.Changed ?? 0) - Math.Min(result.Differences?.Count ?? 0, ShownRows);
            if (others > 0)
                Screen.Line($"{result.Table}: and {Screen.Count(others, "more row")}");
            if (result.Cause is { } cause)
                Screen.Line($"{result.Table}: {cause}");
            else if (result.Outcome is ProofOutcome.Different && !result.IsCured())
                Screen.Line($"{result.Table}: repair --table {result.Table} --differences makes these rows as they are at the source.");
            if (NotJudged(result) is { } notJudged)
                Screen.Line($"{result.Table}: {notJudged}");
        }
    }

    /// <summary>Of how many keys a proof that ended says nothing, and why; null when it has judged all.</summary>
    internal static string? NotJudged(ProofSummary result)
    {
        if (result is not { Outcome: ProofOutcome.Proven or ProofOutcome.Different, NotJudged: > 0 and var all })
            return null;
        var quarantined = result.Quarantined ?? 0;
        List<string> why = [];
        if (all > quarantined)
            why.Add((quarantined == 0 ? "they" : Screen.Number(all - quarantined))
                + " changed meanwhile; the next proof looks again");
        if (quarantined > 0)
            why.Add($"{(all == quarantined ? "they have" : $"{Screen.Number(quarantined)} have")} a change in the quarantine; look at "
                + "quarantine list");
        return $"{(result.Outcome is ProofOutcome.Proven ? "proven, " : "")}{Screen.Count(all, "key")} not judged "
            + $"({string.Join("; ", why)})";
    }

    /// <summary>What a table's proofs came to, in a word.</summary>
    internal static string Word(ProofSummary result) => result switch
    {
        { Failure: not null } => "[red]not asked for[/]",
        { Outcome: null } => "[yellow]pending[/]",
        { Outcome: ProofOutcome.Proven } => "[green]proven[/]",
        { Outcome: ProofOutcome.Different } => result.IsCured() ? "[green]repaired[/]" : "[red]different[/]",
        _ => "[red]not proven[/]",
    };

    private static string What(ProvenDifference row) => row.Kind switch
    {
        DifferenceKind.Missing => "missing",
        DifferenceKind.Extra => "extra",
        _ => $"changed in {string.Join(", ", row.Columns)}",
    };
}
