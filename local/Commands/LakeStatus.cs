using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Status;

namespace CdcDms.Local.Commands;

/// <summary><c>status --lake</c>: where every table is in source, lake and analytics, side by side.</summary>
internal static class LakeStatus
{
    public static Option<string?> Lake { get; } = new("--lake")
    {
        Description = "Compare with the lake, s3://BUCKET/PREFIX; with --env no URI. Every file of the tables is fetched and read, and "
            + "rows are counted exactly, which reads the tables whole on both sides.",
        HelpName = "URI",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<string?> Tables { get; } = new("--tables")
    {
        Description = "With --lake: a JSON file with an array of table definitions; describe writes one.",
        HelpName = "FILE",
    };

    public static Option<string?> Source { get; } = new("--source")
    {
        Description = "With --lake: Npgsql connection string of the source database; without, the source is left out. A read replica or a "
            + "role that may only read will do.",
        HelpName = "CONN",
    };

    // What is done by then needs no progress.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    public static void Check(CommandResult result)
    {
        var hasLake = result.GetResult(Lake) is not null;
        var hasUri = result.GetResult(Lake) is { Tokens.Count: > 0 };
        if (result.GetResult(Reach.Environment) is not null)
        {
            if (hasUri)
                result.AddError("--env NAME knows its lake: write --lake without a URI.");
            return;
        }

        if (hasLake && !hasUri)
            result.AddError("--lake needs the lake's URI, s3://BUCKET/PREFIX.");
        if (hasLake && result.GetResult(Tables) is null)
            result.AddError("--lake needs --tables: they say what the tables' keys are.");
        if (!hasLake && (result.GetResult(Tables) ?? result.GetResult(Source)) is not null)
            result.AddError("--tables and --source go with --lake.");
    }

    /// <summary>Whether the command line asks for it.</summary>
    public static bool IsWanted(ParseResult parsed) => parsed.GetResult(Lake) is not null;

    /// <summary>Reads each table in all places, and shows it.</summary>
    /// <returns>The exit code: 0 when everything could be read.</returns>
    public static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var view = parsed.GetValue(CommonOptions.Json) ? null : new CountView(Quiet, Screen.Note);
        var operations = parsed.Operations(view);
        var (list, _) = await parsed.DefinedAsync(operations, cancellationToken);
        var tables = new EachTable(parsed, list);
        var places = list.Faults.Select(fault => new TablePlaces(fault.Table) { Failures = [fault.Message] }).ToList();
        places.AddRange(await (view is null ? ReadAllAsync()
            : view.WatchAsync(list.Tables.Select(table => table.Source), ReadAllAsync)));

        if (parsed.GetValue(CommonOptions.Json))
            Console.WriteLine(JsonSerializer.Serialize(new LakeStatusReport(places), LocalJson.Default.LakeStatusReport));
        else
            LakeStatusView.Write(places);
        foreach (var failure in places.SelectMany(place => place.Failures).Distinct())
            tables.Fail(failure);
        return await tables.EndAsync();

        async Task<List<TablePlaces>> ReadAllAsync()
        {
            var read = new List<TablePlaces>();
            foreach (var table in list.Tables)
            {
                view?.Begin(table.Source);
                var failure = await tables.TryAsync(
                    async () => read.Add(await operations.AskAsync(new PlacesRequest(table.Source.ToString()), cancellationToken)));
                view?.End(table.Source, isCounted: failure is null);
                if (failure is not null)
                    read.Add(new TablePlaces(table.Source.ToString()) { Target = table.Target, Failures = [failure] });
            }

            return read;
        }
    }
}
