using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract.Functions;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Local.Commands;

/// <summary><c>validate</c>: whether source and analytics hold the same rows; exit code 1 when not.</summary>
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
            var validator = new Validator(parsed.GetRequiredValue(CommonOptions.Source), parsed.GetRequiredValue(CommonOptions.Target));
            var results = new List<ValidateOutput>();
            foreach (var table in await parsed.TablesAsync(cancellationToken))
                if (table.Feed is null)
                    results.Add(await validator.CompareAsync(table, cancellationToken));
                else
                    await Console.Error.WriteLineAsync(
                        $"{table.Source} is fed from plain files: there is no source to compare {table.Target} with.");
            var identical = results.TrueForAll(result => result.Identical);
            if (parsed.GetValue(CommonOptions.Json))
                Console.WriteLine(JsonSerializer.Serialize(new ValidateReport(identical, results), LocalJson.Default.ValidateReport));
            else if (results.Count > 0)
                ValidateView.Write(results);
            return identical ? 0 : CommandRun.Failed;
        });
        return command;
    }
}
