using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.Operations;
using CdcDms.Local.Remote;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Local.Commands;

/// <summary><c>repair</c>: proves rows of a living table, and makes those that differ as they are at the source.</summary>
internal static class RepairCommand
{
    private static readonly Option<string> Table = new("--table")
    {
        Description = "The table, by its name at the source.",
        Required = true,
        HelpName = "SCHEMA.NAME",
    };

    private static readonly Option<string?> Keys = new("--keys")
    {
        Description = "Repair rows by their keys, a JSON array: [1, 2]; "
            + "of a key of several columns an array each, [[1, \"a\"], [2, \"b\"]].",
        HelpName = "JSON",
    };

    private static readonly Option<bool> Differences = new("--differences")
    {
        Description = "Repair the rows in which the newest proof of the table found differences.",
    };

    private static readonly Option<bool> All = new("--all") { Description = "Compare the whole table, and repair what differs." };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what differs, and change nothing." };

    private static readonly Option<int> MostRemoved = new("--most-removed")
    {
        Description = "The most rows that may be removed from analytics, in each 10,000 keys. "
            + "If more are not at the source any more, none of them is removed. Default: 100.",
        DefaultValueFactory = _ => new ProofRepair().MostRemoved,
        HelpName = "ROWS",
    };

    public static Command Create()
    {
        var command = new Command(
            "repair", "Prove rows of a table while it is being changed, and make those that differ as they are at the source.")
        {
            Table, Keys, Differences, All, DryRun, MostRemoved, CommonOptions.Json,
        };
        command.Reaches(
            [Reach.Source, Reach.Target, Reach.Lake, Reach.Tables],
            CommonOptions.S3Endpoint, ProofOptions.FileSeconds, ProofOptions.ReadSource);
        MostRemoved.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var rows) && rows < 0)
                result.AddError("--most-removed must be at least 0.");
        });
        command.Validators.Add(result =>
        {
            var chosen = new[] { result.GetResult(Keys) is not null, result.GetValue(Differences), result.GetValue(All) };
            if (chosen.Count(one => one) != 1)
                result.AddError("Say which rows: one of --keys, --differences and --all.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var operations = parsed.Operations();
        var table = await TableAsync(parsed, operations, cancellationToken);
        var following = parsed.Following(operations);
        var repaired = await following.WatchAsync([table], parsed.GetValue(CommonOptions.Json), async () =>
        {
            var (proofs, full) = await AskAsync(parsed, table, following, cancellationToken);
            return proofs.Count == 0 && parsed.GetValue(Differences) ? null
                : ProofSummary.Of(table, await following.FollowAsync(table, proofs, cancellationToken), full);
        });
        if (repaired is not { } summary)
            return NothingKnown(parsed, table);
        if (parsed.GetValue(CommonOptions.Json))
            Console.WriteLine(JsonSerializer.Serialize(new ProofReport(summary.Identical, [summary]), LocalJson.Default.ProofReport));
        else
            ProofView.Write([summary]);
        return summary.Outcome is ProofOutcome.Proven || summary.IsCured() ? 0 : CommandRun.Failed;
    }

    // There is nothing to repair, and nothing is proven either.
    private static int NothingKnown(ParseResult parsed, TableDefinition table)
    {
        var cause = $"No difference of {table.Source} is known, so nothing was read; validate --lake looks for some.";
        Screen.Note(cause);
        if (parsed.GetValue(CommonOptions.Json))
        {
            var summary = new ProofSummary(table.Source.ToString()) { Outcome = ProofOutcome.NotProven, Cause = cause };
            Console.WriteLine(JsonSerializer.Serialize(new ProofReport(summary.Identical, [summary]), LocalJson.Default.ProofReport));
        }

        return 0;
    }

    private static async Task<TableDefinition> TableAsync(
        ParseResult parsed, IOperations operations, CancellationToken cancellationToken)
    {
        var name = TableName.Parse(parsed.GetRequiredValue(Table));
        var (list, origin) = await parsed.DefinedAsync(operations, cancellationToken, name);
        if (list.Faults.FirstOrDefault(fault => fault.Table == name.ToString()) is { } wrong)
            throw new CdcDmsException(ErrorKind.BadDefinition, wrong.Message);
        var tables = list.Tables;
        return tables.FirstOrDefault(table => table.Source == name)
            ?? throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{origin} does not define the source table {name}; "
                + (tables.FirstOrDefault(table => table.TargetName == name) is { } meant
                    ? $"it is the target of {meant.Source}. A table is repaired by its name at the source: write --table {meant.Source}."
                    : $"it has {string.Join(", ", tables.Select(table => table.Source))}."));
    }

    private static async Task<(IReadOnlyList<long> Proofs, FullProof? Full)> AskAsync(
        ParseResult parsed, TableDefinition table, ProofFollowing following, CancellationToken cancellationToken)
    {
        var repair = parsed.GetValue(DryRun) ? null : new ProofRepair(parsed.GetValue(MostRemoved));
        if (parsed.GetValue(Keys) is { } keys)
            return (await following.AskAsync(table, RowKeys.Parse(keys), repair, cancellationToken), null);
        if (parsed.GetValue(Differences))
            return (await following.AskDifferencesAsync(table, repair, cancellationToken), null);
        var full = await following.AskAllAsync(table, repair, mayWait: true, cancellationToken);
        return (full.Proofs, full);
    }
}
