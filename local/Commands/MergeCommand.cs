using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract.Functions;
using CdcDms.Local.Output;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Local.Commands;

/// <summary><c>merge</c>: applies everything that waits in the lake.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var command = new Command("merge", "Merge what is new in the lake into the analytics database.")
        {
            CommonOptions.Lake, CommonOptions.S3Endpoint, CommonOptions.Target, CommonOptions.Tables, CommonOptions.Json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var s3 = parsed.S3();
            var lake = new LakeReader(s3, parsed.LakeUri());
            var job = new MergeJob(lake, parsed.GetRequiredValue(CommonOptions.Target));
            var results = new List<MergeSummary>();
            foreach (var table in await parsed.TablesAsync(cancellation))
            {
                var total = new MergeSummary(table.Source.ToString(), 0, new RowCounts());
                bool more;
                do
                {
                    var batch = await job.RunAsync(table, MergeInput.DefaultBatchBytes, cancellation);
                    total = total with { Files = total.Files + batch.Files, Rows = total.Rows + batch.Rows };
                    more = batch.More;
                }
                while (more);
                results.Add(total);
            }

            if (parsed.GetValue(CommonOptions.Json))
                Console.WriteLine(JsonSerializer.Serialize(new MergeReport(results), LocalJson.Default.MergeReport));
            else
                MergeOutputTable.Write(results);
            return 0;
        });
        return command;
    }
}
