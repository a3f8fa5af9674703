using System.Collections.Concurrent;
using Amazon.S3.Model;
using CdcDms.Contract.Tables;
using CdcDms.Local.Tests.Commands;
using CdcDms.Local.Workflow;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The workflow of an environment over a source, a lake and an analytics database, and what happens in it.</summary>
public abstract class WorkflowFixture(TestServers servers) : PipelineFixture(servers)
{
    private const string Environment = "dev";
    protected const int FileSeconds = 1;

    private protected ConcurrentQueue<WorkflowEvent> Events { get; } = [];

    private protected async Task<LocalWorkflow> StartAsync(
        long? batchBytes = null, Uri? dms = null, SynthesizedWorkflow? synthesized = null) => await LocalWorkflow.StartAsync(
        synthesized ?? new SynthesizedWorkflow(
            await Synthesis.FolderAsync(Environment, new Progress<string>(), CancellationToken.None), Environment),
        new WorkflowPlaces
        {
            Source = Source.ConnectionString,
            Target = Analytics.ConnectionString,
            Lake = Lake,
            S3Endpoint = Servers.S3Server.Endpoint,
            FileSeconds = FileSeconds,
            Credentials = (Servers.S3Server.AccessKeyId, Servers.S3Server.SecretAccessKey),
            BatchBytes = batchBytes,
            DmsEndpoint = dms,
            // Where DMS is a recording, nothing comes of waiting.
            Waits = dms is null ? null : TimeSpan.FromMilliseconds(1),
        },
        _ => { },
        CancellationToken.None);

    /// <summary>Captures and merges what the source has, and leaves the workflow for what comes next.</summary>
    private protected async Task<LocalWorkflow> StartMergedAsync(Uri? dms = null)
    {
        await CaptureAsync();
        var workflow = await StartAsync(dms: dms);
        await AssertMergedAsync(await RunAsync(workflow));
        return workflow;
    }

    private protected async Task<WorkflowResult> RunAsync(
        LocalWorkflow workflow, Action<WorkflowEvent>? hear = null, IReadOnlyList<TableDefinition>? tables = null) =>
        await workflow.RunAsync(
            tables ?? await TablesAsync(),
            happened =>
            {
                Events.Enqueue(happened);
                hear?.Invoke(happened);
            },
            CancellationToken.None);

    private protected List<string> States(string machine, string? table = null) =>
        [.. Events.OfType<StateEntered>().Where(
            entered => entered.Machine == machine && entered.Table == table).Select(entered => entered.State)];

    private protected async Task AssertMergedAsync(WorkflowResult result)
    {
        var tables = Assert.IsType<WorkflowSucceeded>(result).Tables;
        Assert.Equal(["public.accounts", "public.entries"], tables.Select(table => table.Table));
        Assert.All(tables, table => Assert.True(table.Error is null, string.Join('\n', Events)));
        await AssertIdenticalAsync();
    }

    /// <summary>Puts the first file of a table's load again, under the names that follow.</summary>
    protected async Task CopyLoadFileAsync(string table, int copies)
    {
        var folder = $"{Lake.Prefix}/{table}";
        using var load = await Servers.S3.GetObjectAsync(Lake.Bucket, $"{folder}/LOAD00000001.parquet");
        using var bytes = new MemoryStream();
        await load.ResponseStream.CopyToAsync(bytes);
        for (var copy = 2; copy < 2 + copies; copy++)
            await Servers.S3.PutObjectAsync(new PutObjectRequest
            {
                BucketName = Lake.Bucket,
                Key = $"{folder}/LOAD{copy:X8}.parquet",
                InputStream = new MemoryStream(bytes.ToArray()),
            });
    }
}
