using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Local.Commands;

/// <summary><c>merge</c>: applies everything that waits in the lake, table after table.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var command = new Command("merge", "Merge what is new in the lake into the analytics database.")
        {
            CommonOptions.Lake, CommonOptions.S3Endpoint, CommonOptions.Target, CommonOptions.Tables, CommonOptions.Json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var s3 = parsed.S3();
            var lake = new LakeReader(s3, parsed.LakeUri());
            var list = await parsed.TablesAsync(cancellationToken);
            var tables = new EachTable(parsed, list);
            var results = list.Faults.Select(fault => new MergeSummary(fault.Table, 0, 0, new RowCounts(), fault.Message)).ToList();
            var view = parsed.GetValue(CommonOptions.Json) ? null : new MergingView();
            var markersFailure = await (view is null ? MergeAllAsync()
                : view.WatchAsync(list.Tables.Select(table => table.Source.ToString()), MergeAllAsync));
            if (results.TrueForAll(result => result is { Files: 0, FilesRejected: 0, Failure: null })
                && await tables.TryAsync(() => RequireAnyObjectAsync(lake, cancellationToken)) is { } failure)
                results = results.ConvertAll(result => result with { Failure = failure });
            Report(new MergeReport(results, markersFailure), parsed.GetValue(CommonOptions.Json));
            return await tables.EndAsync();

            async Task<string?> MergeAllAsync()
            {
                // What a listing of a table proves rests on the markers that were merged before it.
                var failure = await tables.TryAsync(() => new MarkerJob(lake, parsed.TargetText()).MergeAsync(cancellationToken));
                foreach (var table in list.Tables)
                    results.Add(await MergeAsync(lake, parsed.TargetText(), table, tables, view, cancellationToken));
                return failure;
            }
        });
        return command;
    }

    // A prefix that is spelled wrongly looks like one in which nothing is new.
    private static async Task RequireAnyObjectAsync(LakeReader lake, CancellationToken cancellationToken)
    {
        await foreach (var _ in lake.ListAsync(lake.Lake.Key(""), null, cancellationToken))
            return;
        throw new CdcDmsException(ErrorKind.BadData, $"There is no object in {lake.Lake}: correct --lake, or capture first.");
    }

    private static async Task<MergeSummary> MergeAsync(
        LakeReader lake, string target, TableDefinition table, EachTable tables, MergingView? view, CancellationToken cancellationToken)
    {
        view?.Begin(table.Source.ToString());
        var total = new MergeSummary(table.Source.ToString(), 0, 0, new RowCounts());
        var job = new MergeJob(lake, target)
        {
            GivenUp = course => total = total with { Phases = total.Phases + course.Phases },
        };
        var failure = await tables.TryAsync(async () =>
        {
            bool more;
            do
            {
                var batch = await job.RunAsync(table, BatchLimits.Default, cancellationToken);
                total = total with
                {
                    Files = total.Files + batch.Files,
                    FilesRejected = total.FilesRejected + batch.FilesRejected,
                    Rows = total.Rows + batch.Rows,
                    Phases = total.Phases + batch.Phases,
                };
                view?.Merged(total.Table, batch);
                more = batch.More;
            }
            while (more);
        });
        if (failure is not null)
            view?.Failed(total.Table, failure);
        return total with { Failure = failure };
    }

    private static void Report(MergeReport report, bool json)
    {
        var results = report.Tables;
        var worked = results.Where(result => result is { Failure: null } or { Files: > 0 } or { FilesRejected: > 0 }).ToList();
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(report, LocalJson.Default.MergeReport));
        else if (worked.Count > 0)
            MergeView.Write(worked);

        var (files, rows) = (results.Sum(result => (long)result.FilesRejected), results.Sum(result => result.Rows.Quarantined));
        List<string> aside = [];
        if (files > 0)
            aside.Add($"{(files == 1 ? "1 file was" : $"{Screen.Number(files)} files were")} rejected (look at status)");
        if (rows > 0)
            aside.Add(
                $"{(rows == 1 ? "1 row was" : $"{Screen.Number(rows)} rows were")} put into the quarantine (look at quarantine list)");
        if (aside.Count > 0)
            Console.Error.WriteLine($"{string.Join(" and ", aside)}.");
    }
}
