using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Local.Commands;

/// <summary><c>validate</c>: whether source and analytics hold the same rows, table after table; exit code 1 when not.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var command = new Command("validate", "Compare row counts and the fingerprint of every column, source against analytics.")
        {
            CommonOptions.Source, CommonOptions.Target, CommonOptions.Tables, CommonOptions.Json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var validator = new Validator(parsed.SourceText(), parsed.TargetText());
            var list = await parsed.TablesAsync(cancellationToken);
            var tables = new EachTable(parsed, list);
            var results = list.Faults.Select(fault => new ValidateSummary(fault.Table) { Failure = fault.Message }).ToList();
            foreach (var table in list.Tables)
                if (table.Feed is null)
                    results.Add(await CompareAsync(validator, table, tables, cancellationToken));
                else
                    await Console.Error.WriteLineAsync(
                        $"{table.Source} is fed from plain files: there is no source to compare {table.Target} with.");
            var identical = results.TrueForAll(result => result.Identical);
            if (parsed.GetValue(CommonOptions.Json))
                Console.WriteLine(JsonSerializer.Serialize(new ValidateReport(identical, results), LocalJson.Default.ValidateReport));
            else if (results.Exists(result => result.Failure is null))
                ValidateView.Write(results);
            return await tables.EndAsync(identical);
        });
        return command;
    }

    private static async Task<ValidateSummary> CompareAsync(
        Validator validator, TableDefinition table, EachTable tables, CancellationToken cancellationToken)
    {
        ValidateOutput? found = null;
        var failure = await tables.TryAsync(async () => found = await validator.CompareAsync(table, cancellationToken));
        return new ValidateSummary(table.Source.ToString())
        {
            Identical = found?.Identical ?? false,
            SourceRows = found?.SourceRows,
            TargetRows = found?.TargetRows,
            DifferentColumns = found?.DifferentColumns,
            Failure = failure,
        };
    }
}
