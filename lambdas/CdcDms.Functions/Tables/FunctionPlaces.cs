using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Preflight;
using CdcDms.Pipeline.Status;

namespace CdcDms.Functions.Tables;

/// <summary>The databases and the lake of an environment, as its operate function reaches them.</summary>
/// <param name="connections">The databases, by their secrets.</param>
internal sealed class FunctionPlaces(Connections connections) : IOperatedPlaces, IDisposable
{
    private OpenLake? _lake;

    public LakeUri Lake => LakeUri.Parse(Variable(FunctionEnvironment.Lake));

    public int FileSeconds => FileInterval.Seconds;

    public Func<bool> MayGoOn { get; } = ProveFunction.ComparingTime(() => connections.RemainingTime);

    public Task<TableList> TablesAsync(CancellationToken cancellationToken) => DeployedTables.ReadAsync(cancellationToken);

    public Task<string> TargetAsync(CancellationToken cancellationToken) => connections.TargetAsync(cancellationToken);

    public Task<string> SourceAsync(CancellationToken cancellationToken) => connections.SourceAsync(cancellationToken);

    public Task<string?> ReaderAsync(CancellationToken cancellationToken) => connections.ReadSourceAsync(cancellationToken);

    public async Task<LakeStatusJob> LakeStatusAsync(CancellationToken cancellationToken)
    {
        _lake ??= Connections.Lake(Variable(FunctionEnvironment.Lake));
        var source = await ReaderAsync(cancellationToken) ?? await SourceAsync(cancellationToken);
        return new LakeStatusJob(_lake.Reader, source, await TargetAsync(cancellationToken));
    }

    public async Task<PreflightJob> PreflightAsync(CancellationToken cancellationToken)
    {
        var task = JsonSerializer.Deserialize(Variable(FunctionEnvironment.TaskDemands), ContractJson.Default.TaskDemands)!;
        return new PreflightJob(
            CheckedDatabases.Own(await SourceAsync(cancellationToken)),
            CheckedDatabases.Own(await TargetAsync(cancellationToken)),
            CheckedDatabases.Settings(task),
            await ReaderAsync(cancellationToken) is { } reader ? CheckedDatabases.Own(reader) : null);
    }

    public void Dispose() => _lake?.Dispose();

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new CdcDmsException(
            ErrorKind.Unavailable, $"The function does not have {name}: deploy the environment's batch stack again.");
}
