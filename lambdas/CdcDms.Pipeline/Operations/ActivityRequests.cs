using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Status;

namespace CdcDms.Pipeline.Operations;

/// <summary>
/// A text that is another one once anything has changed that <see cref="ActivityRequest"/> tells, and what was merged in the last minute.
/// </summary>
public sealed record MarkRequest : OperateRequest<ActivityMark>
{
    /// <inheritdoc/>
    public override async Task<ActivityMark> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken)
    {
        var target = await places.TargetAsync(cancellationToken);
        return new ActivityMark(
            await new ActivityJob(target).MarkAsync(cancellationToken), await new MergedLatelyJob(target).ReadAsync(cancellationToken));
    }
}

/// <summary>Where all tables stand, and what was merged into them in the last day.</summary>
public sealed record ActivityRequest : OperateRequest<PipelineActivity>
{
    /// <inheritdoc/>
    public override async Task<PipelineActivity> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken) =>
        await new ActivityJob(await places.TargetAsync(cancellationToken)).ReadAsync(cancellationToken);
}

/// <summary>A table's batches, the newest first.</summary>
/// <param name="Target">The target table.</param>
/// <param name="BeforeUtc">Only batches that committed before; null for the newest.</param>
/// <param name="Most">The most that are given, up to <see cref="ActivityJob.MostBatches"/>.</param>
public sealed record BatchesRequest(TableName Target, DateTime? BeforeUtc, int Most) : OperateRequest<BatchesReport>
{
    /// <inheritdoc/>
    public override async Task<BatchesReport> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken) =>
        new(await new ActivityJob(await places.TargetAsync(cancellationToken)).BatchesAsync(Target, BeforeUtc, Most, cancellationToken));
}

/// <summary>One table: its columns, proofs, differences and quarantined changes.</summary>
public sealed record DetailRequest(TableName Target) : OperateRequest<TableDetail>
{
    /// <inheritdoc/>
    public override async Task<TableDetail> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken) =>
        await new TableDetailJob(await places.TargetAsync(cancellationToken)).ReadAsync(Target, cancellationToken);
}

/// <summary>Whether anything has changed, and how fast it changes.</summary>
/// <param name="Mark">What <see cref="ActivityRequest"/> would tell, as a text that changes with it.</param>
/// <param name="Minute">What was merged in the last minute; null in an answer of a release that did not tell.</param>
public sealed record ActivityMark(string Mark, MergedLately? Minute = null);

/// <summary>Batches of one table, the newest first.</summary>
public sealed record BatchesReport(IReadOnlyList<BatchStatus> Batches);
