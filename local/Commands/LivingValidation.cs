using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract.Tables;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Local.Commands;

/// <summary><c>validate --lake</c>: compares whole tables while others write, and proves what differs.</summary>
internal static class LivingValidation
{
    /// <summary>Compares each table and asks for proofs; follows these when that is wanted.</summary>
    /// <returns>The exit code: 0 when no difference is found.</returns>
    public static async Task<int> RunAsync(ParseResult parsed, bool waits, CancellationToken cancellationToken)
    {
        var operations = parsed.Operations();
        var following = parsed.Following(operations);
        var (list, _) = await parsed.DefinedAsync(operations, cancellationToken);
        var tables = new EachTable(parsed, list);
        var results = list.Faults.Select(fault => new ProofSummary(fault.Table) { Failure = fault.Message }).ToList();
        var asked = new List<(TableDefinition Table, FullProof Full)>();
        foreach (var fed in list.Tables.Where(table => table.Feed is not null))
            Screen.Note(
                $"{fed.Source} is fed from plain files: there is no source to compare {fed.Target} with.");
        var compared = list.Tables.Where(table => table.Feed is null).ToList();
        await following.WatchAsync(compared, parsed.GetValue(CommonOptions.Json), ProveAllAsync);

        if (parsed.GetValue(CommonOptions.Json))
            Console.WriteLine(JsonSerializer.Serialize(
                new ProofReport(results.TrueForAll(result => result.Identical), results), LocalJson.Default.ProofReport));
        else
            ProofView.Write(results);
        if (!waits && results.Exists(result => result is { Outcome: null, Failure: null }))
            Screen.Note(
                "What is pending is judged by merges, once later markers have come through the lake; --wait writes some, and merges.");
        return await tables.EndAsync(
            results.TrueForAll(result => result.Outcome is ProofOutcome.Proven || (result.Outcome is null && !waits)));

        async Task<bool> ProveAllAsync()
        {
            foreach (var table in compared)
                if (await tables.TryAsync(async () =>
                    {
                        asked.Add((table, await following.AskAllAsync(table, repair: null, waits, cancellationToken)));
                    }) is { } failure)
                    results.Add(new ProofSummary(table.Source.ToString()) { Failure = failure });
            foreach (var (table, full) in asked)
            {
                ProofResult? result = null;
                var failure = await tables.TryAsync(async () => result = waits
                    ? await following.FollowAsync(table, full.Proofs, cancellationToken)
                    : await following.ReadAsync(table, full.Proofs, cancellationToken));
                results.Add(result is null
                    ? new ProofSummary(table.Source.ToString()) { Failure = failure }
                    : ProofSummary.Of(table, result, full));
            }

            return true;
        }
    }
}
