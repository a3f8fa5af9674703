using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Pipeline.Operations;

/// <summary>A request about proofs of one table, by a run that goes on with its own comparison only.</summary>
public abstract record ProofRequest<TReport>(string Table, string Run) : OperateRequest<TReport>
{
    /// <inheritdoc/>
    public sealed override async Task<TReport> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken) =>
        await RunAsync(
            await places.TableAsync(Table, cancellationToken),
            new ProofJob(
                await places.SourceAsync(cancellationToken), await places.TargetAsync(cancellationToken), places.FileSeconds,
                readConnection: await places.ReaderAsync(cancellationToken))
            {
                Lake = places.Lake,
                Run = Run,
                MayGoOn = places.MayGoOn,
            },
            cancellationToken);

    /// <summary>Does what is asked.</summary>
    protected abstract Task<TReport> RunAsync(TableDefinition table, ProofJob job, CancellationToken cancellationToken);
}

/// <summary>Reads the rows of some keys for proofs, each key as texts of its columns.</summary>
public sealed record ProveKeysRequest(
    string Table, string Run, IReadOnlyList<IReadOnlyList<string>> Keys, ProofRepair? Repair)
    : ProofRequest<ProofsAsked>(Table, Run)
{
    /// <inheritdoc/>
    protected override async Task<ProofsAsked> RunAsync(TableDefinition table, ProofJob job, CancellationToken cancellationToken) =>
        new(await job.AskAsync(table, Keys, Repair, cancellationToken));
}

/// <summary>Reads the rows in which the newest proof found differences.</summary>
public sealed record ProveDifferencesRequest(string Table, string Run, ProofRepair? Repair)
    : ProofRequest<ProofsAsked>(Table, Run)
{
    /// <inheritdoc/>
    protected override async Task<ProofsAsked> RunAsync(TableDefinition table, ProofJob job, CancellationToken cancellationToken) =>
        new(await job.AskDifferencesAsync(table, Repair, cancellationToken));
}

/// <summary>Compares the whole table, or goes on with it, and reads the rows that differ.</summary>
public sealed record ProveAllRequest(string Table, string Run, ProofRepair? Repair) : ProofRequest<FullProof>(Table, Run)
{
    /// <inheritdoc/>
    protected override Task<FullProof> RunAsync(TableDefinition table, ProofJob job, CancellationToken cancellationToken) =>
        job.AskAllAsync(table, Repair, cancellationToken);
}

/// <summary>Lets others compare the table at once.</summary>
public sealed record GiveUpRequest(string Table, string Run) : ProofRequest<DoneReport>(Table, Run)
{
    /// <inheritdoc/>
    protected override async Task<DoneReport> RunAsync(TableDefinition table, ProofJob job, CancellationToken cancellationToken)
    {
        await job.GiveUpAsync(table, cancellationToken);
        return new DoneReport();
    }
}

/// <summary>What became of proofs of a table, together.</summary>
public sealed record ProofsRequest(string Table, string Run, IReadOnlyList<long> Proofs) : ProofRequest<ProofResult>(Table, Run)
{
    /// <inheritdoc/>
    protected override Task<ProofResult> RunAsync(TableDefinition table, ProofJob job, CancellationToken cancellationToken) =>
        job.ReadAsync(table, Proofs, cancellationToken);
}
