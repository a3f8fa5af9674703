using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Amazon.Runtime;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Local.Services;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Benchmarks.Memory;

/// <summary>
/// The merge of one table by a process that does nothing else, with as much memory for DuckDB as a function has by default. The process is
/// this program, which reads what to merge from its standard input.
/// </summary>
/// <param name="Endpoint">The S3 server.</param>
/// <param name="AccessKeyId">The key that the server knows.</param>
/// <param name="SecretAccessKey">The key's secret.</param>
/// <param name="Lake">The lake.</param>
/// <param name="Target">Connection string of the analytics database.</param>
/// <param name="Tables">The table's definition, in a list as JSON.</param>
internal sealed record LoneMerge(Uri Endpoint, string AccessKeyId, string SecretAccessKey, string Lake, string Target, string Tables)
{
    /// <summary>The argument by which this program is that process.</summary>
    public const string Word = "lone-merge";

    // Half of a function's 2048 MB (Defaults.MemoryMegabytes, BatchBounds.DuckDbMegabytes).
    private const int DuckDbMegabytes = 1024;

    /// <summary>The merge of a table.</summary>
    public static LoneMerge Of(EmbeddedS3 s3, LakeUri lake, string target, TableDefinition table) => new(
        s3.Endpoint, s3.AccessKeyId, s3.SecretAccessKey, lake.ToString(), target,
        JsonSerializer.Serialize([table], ContractJson.Default.IReadOnlyListTableDefinition));

    /// <summary>Lets a process do it.</summary>
    public async Task<Outcome> RunAsync()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Assembly.GetExecutingAssembly().Location, Word])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(JsonSerializer.Serialize(this));
        process.StandardInput.Close();
        var told = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<Outcome>(told)!
            : throw new InvalidOperationException($"A merge alone ended with {process.ExitCode}.");
    }

    /// <summary>Does it in this process, and writes the outcome to standard output.</summary>
    public static async Task<int> RunHereAsync()
    {
        var wanted = JsonSerializer.Deserialize<LoneMerge>(await Console.In.ReadToEndAsync())!;
        var table = JsonSerializer.Deserialize(wanted.Tables, ContractJson.Default.IReadOnlyListTableDefinition)![0];
        using var s3 = LakeClient.Connect(wanted.Endpoint, new BasicAWSCredentials(wanted.AccessKeyId, wanted.SecretAccessKey));
        var job = new MergeJob(new LakeReader(s3, LakeUri.Parse(wanted.Lake)), wanted.Target, DuckDbMegabytes);
        var (batches, changes, more) = (0, 0L, true);
        var began = Stopwatch.GetTimestamp();
        for (; more; batches++)
        {
            var output = await job.RunAsync(table, BatchLimits.Default, CancellationToken.None);
            (changes, more) = (changes + output.Rows.Read, output.More);
        }

        var elapsed = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        using var self = Process.GetCurrentProcess();
        var peak = self.PeakWorkingSet64 / (double)(1 << 20);
        Console.WriteLine(JsonSerializer.Serialize(new Outcome(changes, batches, elapsed, peak)));
        return 0;
    }

    /// <summary>What became of it.</summary>
    /// <param name="Changes">Changes that were merged.</param>
    /// <param name="Batches">Batches that it took.</param>
    /// <param name="Milliseconds">The time from the first batch's begin to the last one's end.</param>
    /// <param name="PeakMegabytes">The most memory that the process had, in MiB.</param>
    public sealed record Outcome(long Changes, int Batches, double Milliseconds, double PeakMegabytes);
}
