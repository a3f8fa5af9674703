using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Quarantine;

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
            CommonOptions.Target, CommonOptions.Json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var changes = await Job(parsed).ListAsync(cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
                Console.WriteLine(
                    JsonSerializer.Serialize(new QuarantineReport(changes.ConvertAll(Entry)), LocalJson.Default.QuarantineReport));
            else
                QuarantineView.Write(parsed.TargetName(), changes);
            return 0;
        });
        return command;
    }

    private static Command Retry()
    {
        var ids = Ids("A change to try, by the number that list shows; may be given several times. Default: all of the defined tables.");
        var command = new Command("retry", "Try changes again, oldest version first; exit code 1 when some of them stay.")
        {
            CommonOptions.Target, CommonOptions.Tables, ids,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var job = Job(parsed);
            var list = await parsed.TablesAsync(cancellationToken);
            var tables = new EachTable(parsed, list);
            var wanted = parsed.GetValue(ids) is { Length: > 0 } given ? given : null;
            var open = await OpenAsync(job, wanted, cancellationToken);
            var targets = list.Tables.Select(table => table.TargetName.ToString()).ToList();
            if (wanted is not null && open.FirstOrDefault(change => !targets.Contains(change.Target)) is { } foreign)
                throw new CdcDmsException(
                    ErrorKind.BadDefinition,
                    // A definition that is wrong may be the one of this target.
                    list.Faults.Count > 0
                        ? $"Change {foreign.Id} is one of {foreign.Target}, of which {parsed.GetRequiredValue(CommonOptions.Tables)} has "
                            + $"no definition that can be used. {string.Join('\n', list.Faults.Select(fault => fault.Message))}"
                        : $"Change {foreign.Id} is one of {foreign.Target}, which {parsed.GetRequiredValue(CommonOptions.Tables)} does not "
                            + "define.");
            var (closed, left) = (0, 0);
            foreach (var table in list.Tables.Where(table => open.Exists(change => change.Target == table.TargetName.ToString())))
                await tables.TryAsync(async () =>
                {
                    var result = await job.RetryAsync(table, wanted, cancellationToken);
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
            CommonOptions.Target, ids,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var job = Job(parsed);
            var wanted = parsed.GetRequiredValue(ids);
            await OpenAsync(job, wanted, cancellationToken);
            Console.WriteLine($"{await job.DropAsync(wanted, cancellationToken)} dropped.");
            return 0;
        });
        return command;
    }

    private static Option<long[]> Ids(string description) =>
        new("--id") { Description = description, HelpName = "N", AllowMultipleArgumentsPerToken = true };

    private static QuarantineJob Job(ParseResult parsed) => new(parsed.TargetText());

    /// <summary>The open changes of these numbers, or all; a number that is none of them is refused before anything is done.</summary>
    private static async Task<List<QuarantinedChange>> OpenAsync(
        QuarantineJob job, IReadOnlyList<long>? wanted, CancellationToken cancellationToken)
    {
        var open = await job.ListAsync(cancellationToken);
        if (wanted is null)
            return open;
        var unknown = wanted.Except(open.Select(change => change.Id)).ToList();
        return unknown.Count == 0
            ? open.FindAll(change => wanted.Contains(change.Id))
            : throw new CdcDmsException(
                ErrorKind.BadDefinition, $"The quarantine has no open change {string.Join(", ", unknown)}: look at quarantine list.");
    }

    private static QuarantineEntry Entry(QuarantinedChange change) => new(
        change.Id,
        change.Target,
        change.QuarantinedUtc,
        change.Reason,
        change.Operation,
        change.Version,
        JsonNode.Parse(change.Change)!,
        change.Error);
}
