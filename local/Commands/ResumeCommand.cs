using System.CommandLine;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Local.Commands;

/// <summary><c>resume</c>: lets a parked table go on.</summary>
internal static class ResumeCommand
{
    private static readonly Option<string> Table = new("--table")
    {
        Description = "The target table, as status names it.",
        Required = true,
        HelpName = "SCHEMA.NAME",
    };

    public static Command Create()
    {
        var command = new Command(
            "resume", "Let a parked table go on: its rejected files are read again, and its columns' types taken as they come.")
        {
            CommonOptions.Target, Table,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var table = TableName.Parse(parsed.GetRequiredValue(Table));
            await new ResumeJob(parsed.GetRequiredValue(CommonOptions.Target)).RunAsync(table, cancellationToken);
            Console.WriteLine($"The next merge goes on with {table}.");
            return 0;
        });
        return command;
    }
}
