using System.CommandLine;
using System.Diagnostics;
using System.IO.Compression;
using CdcDms.Contract.Functions;
using CdcDms.Local.LambdaHost;
using CdcDms.Local.Views;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Commands;

/// <summary>
/// <c>measure</c>: the size of the published functions, and how long one takes from its process's start to its first answer.
/// </summary>
internal static class MeasureCommand
{
    private const string Environment = "dev";
    private const int Starts = 5;

    public static Command Create()
    {
        var command = new Command("measure", "Measure the functions' bundle: its size, and its cold start on this machine.");
        command.SetAction(async (_, cancellationToken) =>
        {
            var workflow = new SynthesizedWorkflow(await Synthesis.FolderAsync(Environment, new LogView(), cancellationToken), Environment);
            using var zip = new MemoryStream();
            ZipFile.CreateFromDirectory(workflow.Bundle, zip);
            var unzipped = Directory.EnumerateFiles(
                workflow.Bundle, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
            Console.WriteLine($"bundle      {Megabytes(zip.Length)} MB zipped, {Megabytes(unzipped)} MB unzipped");
            var seconds = new List<double>();
            for (var start = 0; start < Starts; start++)
                seconds.Add(await ColdStartAsync(workflow, cancellationToken));
            seconds.Sort();
            Console.WriteLine($"cold start  {seconds[Starts / 2]:F2} s (median of {Starts}, {seconds[0]:F2} to {seconds[^1]:F2} s)");
            return 0;
        });
        return command;
    }

    // An input without properties is answered with what it lacks: program, Runtime API and JSON have started, no server is needed.
    private static async Task<double> ColdStartAsync(SynthesizedWorkflow workflow, CancellationToken cancellationToken)
    {
        await using var lambda = await LocalLambda.StartAsync(
            workflow.Functions(new Dictionary<string, string>()), _ => { }, cancellationToken);
        using var http = new HttpClient();
        using var input = new StringContent("{}");
        var started = Stopwatch.GetTimestamp();
        using var answer = await http.PostAsync(
            new Uri(lambda.Endpoint, $"2015-03-31/functions/{FunctionNames.Merge}/invocations"), input, cancellationToken);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("F1", System.Globalization.CultureInfo.InvariantCulture);
}
