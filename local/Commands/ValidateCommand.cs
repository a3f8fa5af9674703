using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract.Tables;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Local.Commands;

/// <summary><c>validate</c>: whether source and analytics hold the same rows, table after table; exit code 1 when not.</summary>
internal static class ValidateCommand
{
    private static readonly Option<bool> ShowValues = new("--show-values")
    {
        Description = "Show the values that differ, not only keys and columns.",
    };

    private static readonly Option<string?> Lake = new("--lake")
    {
        Description = "Compare while others write: what differs is proven by markers that travel through this lake, s3://BUCKET/PREFIX.",
        HelpName = "URI",
    };

    private static readonly Option<bool> Wait = new("--wait")
    {
        Description = "Go on until what differs is judged: with --lake this command writes markers and merges, with --env it waits for "
            + "the merges by schedule. Without, the next merges judge it.",
    };

    // What is done by then needs no progress.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var command = new Command(
            "validate", "Compare source and analytics row by row: while nobody writes, or with --lake also while others do.")
        {
            ShowValues, Wait, CommonOptions.Json,
        };
        command.Reaches(
            [Reach.Source, Reach.Target, Reach.Tables],
            Lake, CommonOptions.S3Endpoint, ProofOptions.FileSeconds, ProofOptions.ReadSource);
        command.Validators.Add(result =>
        {
            if (result.GetResult(Reach.Environment) is not null)
            {
                if (result.GetValue(ShowValues))
                    result.AddError("A proof keeps no values: --show-values goes with --source and --target, while nobody writes.");
                return;
            }

            if (result.GetValue(Wait) && result.GetResult(Lake) is null)
                result.AddError("--wait follows proofs, which need --lake.");
            if (result.GetResult(ProofOptions.ReadSource) is not null && result.GetResult(Lake) is null)
                result.AddError("--read-source goes with --lake: without markers nobody knows how far a replica is; name it as --source.");
            if (result.GetValue(ShowValues) && result.GetResult(Lake) is not null)
                result.AddError("A proof keeps no values: use --show-values without --lake, while nobody writes.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(Lake) is not null || parsed.GetValue(Reach.Environment) is not null)
                return await LivingValidation.RunAsync(parsed, parsed.GetValue(Wait), cancellationToken);
            var view = parsed.GetValue(CommonOptions.Json) ? null : new ComparisonView(Quiet, Screen.Note);
            var validator = new Validator(parsed.SourceText(), parsed.TargetText()) { Progress = view };
            var list = await parsed.TablesAsync(cancellationToken);
            var tables = new EachTable(parsed, list);
            var results = list.Faults.Select(fault => new ValidateSummary(fault.Table) { Failure = fault.Message }).ToList();
            foreach (var table in list.Tables.Where(table => table.Feed is not null))
                Screen.Note($"{table.Source} is fed from plain files: there is no source to compare {table.Target} with.");
            var compared = list.Tables.Where(table => table.Feed is null).ToList();
            results.AddRange(await (view is null ? CompareAllAsync()
                : view.WatchAsync(compared.Select(table => table.Source.ToString()), CompareAllAsync)));
            var identical = results.TrueForAll(result => result.Identical);
            if (parsed.GetValue(CommonOptions.Json))
                Console.WriteLine(JsonSerializer.Serialize(new ValidateReport(identical, results), LocalJson.Default.ValidateReport));
            else if (results.Exists(result => result.Failure is null))
                ValidateView.Write(results);
            return await tables.EndAsync(identical);

            async Task<List<ValidateSummary>> CompareAllAsync()
            {
                var found = new List<ValidateSummary>();
                foreach (var table in compared)
                {
                    view?.Begin(table.Source.ToString());
                    var result = await SummarizeAsync(
                        table, tables, () => validator.CompareAsync(table, parsed.GetValue(ShowValues), cancellationToken));
                    view?.End(result.Table, result.Failure is null ? result.Identical : null);
                    found.Add(result);
                }

                return found;
            }
        });
        return command;
    }

    private static async Task<ValidateSummary> SummarizeAsync(TableDefinition table, EachTable tables, Func<Task<TableComparison>> compare)
    {
        TableComparison? found = null;
        var failure = await tables.TryAsync(async () => found = await compare());
        return new ValidateSummary(table.Source.ToString())
        {
            Identical = found?.Result.Identical ?? false,
            SourceRows = found?.Result.SourceRows,
            TargetRows = found?.Result.TargetRows,
            Missing = found?.Result.Missing,
            Extra = found?.Result.Extra,
            Changed = found?.Result.Changed,
            DifferentColumns = found?.Result.DifferentColumns,
            Differences = found?.Differences,
            Failure = failure,
        };
    }
}
