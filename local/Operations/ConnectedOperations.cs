using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Local.Remote;
using CdcDms.Local.Views;
using CdcDms.Local.Workflow;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Preflight;
using CdcDms.Pipeline.Status;

namespace CdcDms.Local.Operations;

/// <summary>Does in this process what is asked, over databases and a lake that are reached from this machine.</summary>
/// <param name="places">Where they are.</param>
internal sealed class ConnectedOperations(ConnectedPlaces places) : IOperations, IOperatedPlaces
{
    public string Analytics => places.Analytics;

    public string Given => "--target";

    /// <summary>The environment whose task is to run on the databases. Default: one of the defaults.</summary>
    public string? Environment { get; init; }

    /// <summary>Takes how far the counting of a table is.</summary>
    public IProgress<CountProgress>? Progress { get; init; }

    public LakeUri Lake => ConnectedPlaces.Given(places.Lake, "--lake");

    public int FileSeconds => places.FileSeconds;

    public Func<bool> MayGoOn { get; } = () => true;

    public Task<TReport> AskAsync<TReport>(OperateRequest<TReport> request, CancellationToken cancellationToken) =>
        request.RunAsync(this, cancellationToken);

    public Task<TableList> TablesAsync(CancellationToken cancellationToken) =>
        ConnectedPlaces.Given(places.Tables, "--tables")(cancellationToken);

    public Task<string> TargetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(ConnectedPlaces.Given(places.Target, "--target"));

    public Task<string> SourceAsync(CancellationToken cancellationToken) =>
        Task.FromResult(ConnectedPlaces.Given(places.Source, "--source"));

    public Task<string?> ReaderAsync(CancellationToken cancellationToken) => Task.FromResult(places.Reader);

    public Task<LakeStatusJob> LakeStatusAsync(CancellationToken cancellationToken) => Task.FromResult(new LakeStatusJob(
        // The client ends with the process.
        new LakeReader(places.ConnectS3(), Lake), places.Source, ConnectedPlaces.Given(places.Target, "--target"))
    {
        Progress = Progress,
    });

    public async Task<PreflightJob> PreflightAsync(CancellationToken cancellationToken) => new(
        ConnectedPlaces.Given(places.Source, "--source"),
        places.Target,
        Environment is null
            ? new PreflightSettings()
            : SynthesizedReplication.Settings(await Synthesis.FolderAsync(Environment, new LogView(), cancellationToken), Environment),
        places.Reader);
}
