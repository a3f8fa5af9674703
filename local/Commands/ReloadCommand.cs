using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.Remote;

namespace CdcDms.Local.Commands;

/// <summary><c>reload</c>: has DMS load tables again, and has what differs then repaired.</summary>
internal static class ReloadCommand
{
    private static readonly Option<string> Environment = RestartCommand.NewEnvironment();

    private static readonly Option<string[]> Table = new("--table")
    {
        Description = "A table, by its name at the source; may be given several times.",
        Required = true,
        HelpName = "SCHEMA.NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Command Create()
    {
        var command = new Command(
            "reload", "Have DMS load tables of an environment on AWS again, merge them, and have what differs then repaired.")
        {
            Environment, Table, CommonOptions.Json,
        };
        command.WantsEnvironment(
            "repair --all makes the rows of a table as they are at the source, and capture --generation N loads every table again");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var environment = OperatedEnvironment.Read(parsed.GetRequiredValue(Environment));
            var names = parsed.GetRequiredValue(Table).Select(TableName.Parse).Distinct().ToList();
            var operations = new EnvironmentOperations(new AwsAccess(environment));
            var (list, origin) = await parsed.DefinedAsync(operations, cancellationToken, names);
            IReadOnlyList<TableDefinition> tables = [.. names.Select(name => Find(list, origin, name))];
            return await MachineRun.FollowAsync(
                environment,
                WorkflowNames.ReloadWorkflow(environment.Name),
                Input(tables),
                $"{string.Join(", ", names)}: loaded again and merged; the next merges judge what differs, and repair it.",
                parsed.GetValue(CommonOptions.Json),
                cancellationToken);
        });
        return command;
    }

    /// <summary>The input of the state machine that has tables loaded again.</summary>
    internal static string Input(IReadOnlyList<TableDefinition> tables) =>
        $$"""{"tables":{{JsonSerializer.Serialize(tables, ContractJson.Default.IReadOnlyListTableDefinition)}}}""";

    private static TableDefinition Find(TableList list, string origin, TableName name) =>
        list.Tables.FirstOrDefault(table => table.Source == name)
        ?? throw new CdcDmsException(
            ErrorKind.BadDefinition,
            $"{origin} does not define the source table {name}; it has {string.Join(", ", list.Tables.Select(table => table.Source))}.");
}
