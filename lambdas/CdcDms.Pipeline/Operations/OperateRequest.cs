using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Preflight;
using CdcDms.Pipeline.Quarantine;
using CdcDms.Pipeline.Status;

namespace CdcDms.Pipeline.Operations;

/// <summary>What an operator asks for: one kind of request for each thing that a verb does, told apart in JSON by <c>verb</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "verb")]
[JsonDerivedType(typeof(TablesRequest), "tables")]
[JsonDerivedType(typeof(StatusRequest), "status")]
[JsonDerivedType(typeof(MarkRequest), "mark")]
[JsonDerivedType(typeof(ActivityRequest), "activity")]
[JsonDerivedType(typeof(BatchesRequest), "batches")]
[JsonDerivedType(typeof(DetailRequest), "detail")]
[JsonDerivedType(typeof(PlacesRequest), "places")]
[JsonDerivedType(typeof(ResumeRequest), "resume")]
[JsonDerivedType(typeof(QuarantineRequest), "quarantine")]
[JsonDerivedType(typeof(RetryRequest), "retry")]
[JsonDerivedType(typeof(DropRequest), "drop")]
[JsonDerivedType(typeof(PreflightRequest), "preflight")]
[JsonDerivedType(typeof(ProveKeysRequest), "prove-keys")]
[JsonDerivedType(typeof(ProveDifferencesRequest), "prove-differences")]
[JsonDerivedType(typeof(ProveAllRequest), "prove-all")]
[JsonDerivedType(typeof(GiveUpRequest), "give-up")]
[JsonDerivedType(typeof(ProofsRequest), "proofs")]
public abstract record OperateRequest
{
    /// <summary>Does what is asked, and gives the report as JSON in UTF-8.</summary>
    /// <exception cref="CdcDmsException">It could not be done.</exception>
    public abstract Task<byte[]> AnswerAsync(IOperatedPlaces places, CancellationToken cancellationToken);
}

/// <summary>A request that is answered by a report.</summary>
/// <typeparam name="TReport">The report.</typeparam>
public abstract record OperateRequest<TReport> : OperateRequest
{
    /// <summary>Does what is asked.</summary>
    public abstract Task<TReport> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public sealed override async Task<byte[]> AnswerAsync(IOperatedPlaces places, CancellationToken cancellationToken) =>
        JsonSerializer.SerializeToUtf8Bytes(await RunAsync(places, cancellationToken), Form);

    /// <summary>Reads the report that <see cref="AnswerAsync"/> gives.</summary>
    public TReport Read(ReadOnlySpan<byte> answer) => JsonSerializer.Deserialize(answer, Form)!;

    private static JsonTypeInfo<TReport> Form => (JsonTypeInfo<TReport>)OperateJson.Default.GetTypeInfo(typeof(TReport))!;
}

/// <summary>The definitions by which the tables are merged.</summary>
public sealed record TablesRequest : OperateRequest<TableList>
{
    /// <inheritdoc/>
    public override Task<TableList> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken) =>
        places.TablesAsync(cancellationToken);
}

/// <summary>Where every table stands.</summary>
public sealed record StatusRequest : OperateRequest<StatusReport>
{
    /// <inheritdoc/>
    public override async Task<StatusReport> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken) =>
        new(await new StatusJob(await places.TargetAsync(cancellationToken)).ReadAsync(cancellationToken));
}

/// <summary>Where one table is in source, lake and analytics, side by side.</summary>
public sealed record PlacesRequest(string Table) : OperateRequest<TablePlaces>
{
    /// <inheritdoc/>
    public override async Task<TablePlaces> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken) =>
        await (await places.LakeStatusAsync(cancellationToken)).ReadAsync(
            await places.TableAsync(Table, cancellationToken), cancellationToken);
}

/// <summary>Lets a parked table go on, or has the next merge look through all folders of one that is not parked.</summary>
public sealed record ResumeRequest(TableName Target, Consent Consent, bool Sweep) : OperateRequest<ResumeReport>
{
    /// <inheritdoc/>
    public override async Task<ResumeReport> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken)
    {
        var job = new ResumeJob(await places.TargetAsync(cancellationToken));
        if (await job.RunAsync(Target, Consent, cancellationToken))
            return new ResumeReport(ResumeOutcome.WentOn);
        if (!Sweep)
            return new ResumeReport(ResumeOutcome.Nothing);
        await job.SweepAsync(Target, cancellationToken);
        return new ResumeReport(ResumeOutcome.Swept);
    }
}

/// <summary>The open changes of the quarantine, or one of them.</summary>
/// <param name="Id">The change's number. Default: null, all.</param>
public sealed record QuarantineRequest(long? Id = null) : OperateRequest<QuarantineReport>
{
    /// <inheritdoc/>
    public override async Task<QuarantineReport> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken) =>
        QuarantineReport.Of(await new QuarantineJob(await places.TargetAsync(cancellationToken)).ListAsync(Id, cancellationToken));
}

/// <summary>Tries a table's open changes again: those of some numbers, or all.</summary>
public sealed record RetryRequest(string Table, IReadOnlyList<long>? Ids) : OperateRequest<RetryResult>
{
    /// <inheritdoc/>
    public override async Task<RetryResult> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken)
    {
        var table = await places.TableAsync(Table, cancellationToken);
        return await new QuarantineJob(await places.TargetAsync(cancellationToken)).RetryAsync(table, Ids, cancellationToken);
    }
}

/// <summary>Gives open changes up.</summary>
public sealed record DropRequest(IReadOnlyList<long> Ids) : OperateRequest<DropReport>
{
    /// <inheritdoc/>
    public override async Task<DropReport> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken) =>
        new(await new QuarantineJob(await places.TargetAsync(cancellationToken)).DropAsync(Ids, cancellationToken));
}

/// <summary>What in both databases would stop the pipeline or lose something.</summary>
/// <param name="List">The definitions to look for. They may be ahead of those by which tables are merged: a look comes first.</param>
public sealed record PreflightRequest(TableList List) : OperateRequest<PreflightReport>
{
    /// <inheritdoc/>
    public override async Task<PreflightReport> RunAsync(IOperatedPlaces places, CancellationToken cancellationToken)
    {
        TableDefinitions.Check(List.Tables, "The list of tables to look for");
        return await (await places.PreflightAsync(cancellationToken)).RunAsync(List, cancellationToken);
    }
}
