using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Local.Remote;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Operations;

namespace CdcDms.Local.Commands;

/// <summary><c>quarantine list</c>, <c>retry</c> and <c>drop</c>: the changes that were put aside.</summary>
internal static class QuarantineCommand
{
    public static Command Create() => new("quarantine", "Look at the changes that were put aside, try them again, or give them up.")
    {
        List(), Retry(), Drop(),
    };

    private static Command List()
    {
        var command = new Command("list", "Show the open changes of all tables; with --json also their values.")
        {
            CommonOptions.Json,
        };
        command.Reaches([Reach.Target]);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var operations = parsed.Operations();
            var report = await operations.AskAsync(new QuarantineRequest(), cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
                Console.WriteLine(JsonSerializer.Serialize(report, LocalJson.Default.QuarantineReport));
            else
                QuarantineView.Write(operations.Analytics, report.Changes);
            return 0;
        });
        return command;
    }

    private static Command Retry()
    {
        var ids = Ids("A change to try, by the number that list shows; may be given several times. Default: all of the defined tables.");
        var command = new Command("retry", "Try changes again, oldest version first; exit code 1 when some of them stay.")
        {
            ids,
        };
        command.Reaches([Reach.Target, Reach.Tables]);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var operations = parsed.Operations();
            var (list, origin) = await parsed.DefinedAsync(operations, cancellationToken);
            var tables = new EachTable(parsed, list);
            var wanted = parsed.GetValue(ids) is { Length: > 0 } given ? given : null;
            var open = await OpenAsync(operations, wanted, cancellationToken);
            var targets = list.Tables.Select(table => table.TargetName.ToString()).ToList();
            if (wanted is not null && open.FirstOrDefault(change => !targets.Contains(change.Target)) is { } foreign)
                throw new CdcDmsException(
                    ErrorKind.BadDefinition,
                    // A definition that is wrong may be the one of this target.
                    list.Faults.Count > 0
                        ? $"Change {foreign.Id} is one of {foreign.Target}, of which {origin} has no "
                            + $"definition that can be used. {string.Join('\n', list.Faults.Select(fault => fault.Message))}"
                        : $"Change {foreign.Id} is one of {foreign.Target}, which {origin} does not define.");
            var (closed, left) = (0, 0);
            foreach (var table in list.Tables.Where(table => open.Exists(change => change.Target == table.TargetName.ToString())))
                await tables.TryAsync(async () =>
                {
                    var result = await operations.AskAsync(new RetryRequest(table.Source.ToString(), wanted), cancellationToken);
                    (closed, left) = (closed + result.Closed, left + result.Open);
                });

            Console.WriteLine($"{closed} applied or outdated, {left} still open.");
            if (left > 0)
                await Console.Error.WriteLineAsync(
                    $"{(left == 1 ? "1 change stays" : $"{left} changes stay")} in the quarantine: look at quarantine list for the "
                    + "reasons.");
            return await tables.EndAsync(succeeded: left == 0);
        });
        return command;
    }

    private static Command Drop()
    {
        var ids = Ids("A change to give up, by the number that list shows; may be given several times.");
        ids.Required = true;
        ids.Arity = ArgumentArity.OneOrMore;
        var command = new Command("drop", "Give changes up: they are closed and stay in the ledger, and the target goes on without them.")
        {
            ids,
        };
        command.Reaches([Reach.Target]);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var operations = parsed.Operations();
            var wanted = parsed.GetRequiredValue(ids);
            await OpenAsync(operations, wanted, cancellationToken);
            Console.WriteLine($"{(await operations.AskAsync(new DropRequest(wanted), cancellationToken)).Dropped} dropped.");
            return 0;
        });
        return command;
    }

    private static Option<long[]> Ids(string description) =>
        new("--id") { Description = description, HelpName = "N", AllowMultipleArgumentsPerToken = true };

    /// <summary>The open changes of these numbers, or all; a number that is none of them is refused before anything is done.</summary>
    private static async Task<List<QuarantineEntry>> OpenAsync(
        IOperations operations, IReadOnlyList<long>? wanted, CancellationToken cancellationToken)
    {
        var open = (await operations.AskAsync(new QuarantineRequest(), cancellationToken)).Changes.ToList();
        if (wanted is null)
            return open;
        var unknown = wanted.Except(open.Select(change => change.Id)).ToList();
        return unknown.Count == 0
            ? open.FindAll(change => wanted.Contains(change.Id))
            : throw new CdcDmsException(
                ErrorKind.BadDefinition, $"The quarantine has no open change {string.Join(", ", unknown)}: look at quarantine list.");
    }
}
