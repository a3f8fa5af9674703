using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract.Tables;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Catalog;

namespace CdcDms.Local.Commands;

/// <summary><c>describe</c>: complete definitions of the source's tables.</summary>
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
            var tables = await new TableDescriber(parsed.GetRequiredValue(CommonOptions.Source)).DescribeAsync(wanted, cancellationToken);
            Console.WriteLine(JsonSerializer.Serialize(tables, LocalJson.Indented.IReadOnlyListTableDefinition));
            return 0;
        });
        return command;
    }
}
