using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract.Tables;
using CdcDms.Local.Capture;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Catalog;

namespace CdcDms.Local.Commands;

/// <summary><c>describe</c>: complete definitions of those of the source's tables that can be captured and merged.</summary>
internal static class DescribeCommand
{
    private static readonly Option<string[]> Table = new("--table")
    {
        Description = "A table, SCHEMA.NAME; may be given several times. Default: all.",
        HelpName = "SCHEMA.NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Command Create()
    {
        var command = new Command("describe", "Print complete definitions of the source's tables as JSON, ready to be put into a file.")
        {
            CommonOptions.Source, Table,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wanted = (parsed.GetValue(Table) ?? []).Select(TableName.Parse).ToList();
            var source = parsed.SourceText();
            var described = await new TableDescriber(source).DescribeAsync(wanted, cancellationToken);
            var faults = described.Tables.Count == 0 ? []
                : (await CapturableTables.RefusedAsync(source, described.Tables, cancellationToken))
                    .ToDictionary(table => table.Name, table => table.Reason);
            foreach (var table in described.Tables)
                if (string.Join("; ", TableDefinitions.FaultsOf(table)) is { Length: > 0 } fault)
                    faults.TryAdd(table.Source, $"{fault}.");

            var tables = described.Tables.Where(table => !faults.ContainsKey(table.Source)).ToList();
            Console.WriteLine(JsonSerializer.Serialize(tables, LocalJson.Indented.IReadOnlyListTableDefinition));
            List<string> leftOut = [.. described.LeftOut.Select(table => table.Message), .. faults.Values];
            foreach (var reason in leftOut)
                await Console.Error.WriteLineAsync($"Left out: {reason}");
            if (tables.Count == 0)
                await Console.Error.WriteLineAsync(
                    $"No table is described: {(wanted.Count == 0 ? "the source database has" : "--table names")} none that can be "
                    + "captured.");
            // A table that somebody named and does not get is a failure, as is a file without a definition.
            return tables.Count > 0 && (wanted.Count == 0 || leftOut.Count == 0) ? 0 : CommandRun.Failed;
        });
        return command;
    }
}
