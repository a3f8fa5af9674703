using System.CommandLine;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Operations;

namespace CdcDms.Local.Commands;

/// <summary><c>resume</c>: lets a parked table go on.</summary>
internal static class ResumeCommand
{
    private static readonly Option<string> Table = new("--table")
    {
        Description = "The target table, as status names it (not the source's name).",
        Required = true,
        HelpName = "SCHEMA.NAME",
    };

    private static readonly Option<bool> AcceptTypes = new("--accept-types")
    {
        Description = "Take the types of the files as they come, where the definition gives the column its type: values are then cast, "
            + "and rounded or cut where they must.",
    };

    private static readonly Option<bool> AcceptLoads = new("--accept-loads")
    {
        Description = "Let full-load files that have come again fill gaps: rows that changed or were deleted in between may stay.",
    };

    private static readonly Option<bool> AcceptLake = new("--accept-lake")
    {
        Description = "Merge the table from another lake from now on, into which all files of its lake were moved.",
    };

    private static readonly Option<bool> Sweep = new("--sweep")
    {
        Description = "Let the next merge look through all folders of the table, also of one that is not parked: for files that appeared "
            + "in an old folder. Otherwise merges do so once a day, and whenever a table was resumed.",
    };

    public static Command Create()
    {
        var command = new Command(
            "resume",
            "Let a parked table go on: its rejected files are read again. It parks anew if the cause is still there. A table that is not "
            + "parked has its rejected files read again; if it has none, nothing is done.")
        {
            Table, AcceptTypes, AcceptLoads, AcceptLake, Sweep,
        };
        command.Reaches([Reach.Target]);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var table = TableName.Parse(parsed.GetRequiredValue(Table));
            var consent = new Consent
            {
                ToTypes = parsed.GetValue(AcceptTypes),
                ToLoads = parsed.GetValue(AcceptLoads),
                ToLake = parsed.GetValue(AcceptLake),
            };
            var report = await parsed.Operations().AskAsync(
                new ResumeRequest(table, consent, parsed.GetValue(Sweep)), cancellationToken);
            Console.WriteLine(report.Outcome switch
            {
                ResumeOutcome.WentOn => $"The next merge goes on with {table}, which is unproven until a full proof; after the merge, look "
                    + "at status.",
                ResumeOutcome.Swept =>
                    $"{table} is not parked; the next merge looks through all of its folders, and nothing else was done.",
                _ => $"{table} is not parked; nothing was done.",
            });
            return 0;
        });
        return command;
    }
}
