using System.CommandLine;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Local.Remote;
using CdcDms.Local.Views;
using CdcDms.Local.Workflow;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Preflight;
using CdcDms.Pipeline.Status;

namespace CdcDms.Local.Commands;

/// <summary>Does in this process what is asked, over the databases and the lake that the command line names.</summary>
/// <param name="parsed">The command line.</param>
internal sealed class ConnectedOperations(ParseResult parsed) : IOperations, IOperatedPlaces
{
    private Task<TableList>? _tables;

    public string Analytics => parsed.TargetName();

    public string Given => "--target";

    /// <summary>The environment whose task is to run on the databases. Default: one of the defaults.</summary>
    public string? Environment { get; init; }

    /// <summary>Takes how far the counting of a table is.</summary>
    public IProgress<CountProgress>? Progress { get; init; }

    public LakeUri Lake => parsed.LakeUri();

    public int FileSeconds => parsed.GetValue(ProofOptions.FileSeconds);

    public Func<bool> MayGoOn { get; } = () => true;

    public Task<TReport> AskAsync<TReport>(OperateRequest<TReport> request, CancellationToken cancellationToken) =>
        request.RunAsync(this, cancellationToken);

    // The file is read once: what a verb began with, it ends with.
    public Task<TableList> TablesAsync(CancellationToken cancellationToken) => _tables ??= parsed.TablesAsync(cancellationToken);

    public Task<string> TargetAsync(CancellationToken cancellationToken) => Task.FromResult(parsed.TargetText());

    public Task<string> SourceAsync(CancellationToken cancellationToken) => Task.FromResult(parsed.SourceText());

    public Task<string?> ReaderAsync(CancellationToken cancellationToken) => Task.FromResult(
        parsed.GetValue(ProofOptions.ReadSource) is { } text ? CommonOptions.Connection(text, "by which the source is read") : null);

    public Task<LakeStatusJob> LakeStatusAsync(CancellationToken cancellationToken) => Task.FromResult(new LakeStatusJob(
        // The client ends with the process.
        new LakeReader(parsed.S3(), Lake),
        parsed.GetValue<string?>(CommonOptions.Source.Name) is null ? null : parsed.SourceText(),
        parsed.TargetText())
    {
        Progress = Progress,
    });

    public async Task<PreflightJob> PreflightAsync(CancellationToken cancellationToken) => new(
        parsed.SourceText(),
        parsed.GetValue<string?>(CommonOptions.Target.Name) is null ? null : parsed.TargetText(),
        Environment is null
            ? new PreflightSettings()
            : SynthesizedReplication.Settings(await Synthesis.FolderAsync(Environment, new LogView(), cancellationToken), Environment),
        await ReaderAsync(cancellationToken));
}
