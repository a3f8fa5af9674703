using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Functions.Tables;

/// <summary>Reads rows of one table at the source for proofs, which the merges judge.</summary>
internal static class ProveFunction
{
    public static Handler Handler => TableFunction.Create(
        FunctionNames.Prove,
        ContractJson.Default.ProveInput,
        ContractJson.Default.ProveOutput,
        input => input.Table,
        RunAsync,
        "give it more time: one statement reads 1 GiB of the table, and before PostgreSQL 14 the whole table",
        OutcomeLine.Of);

    // A comparison stops between two statements: what is left is for the statement that runs, and for saving what was read.
    private const double ComparingShare = 0.6;

    private static async Task<ProveOutput> RunAsync(ProveInput input, Connections connections, CancellationToken cancellationToken)
    {
        var source = await connections.SourceAsync(cancellationToken);
        var target = await connections.TargetAsync(cancellationToken);
        var job = new ProofJob(
            source, target, FileInterval.Seconds, readConnection: await connections.ReadSourceAsync(cancellationToken))
        {
            Run = input.Run ?? Guid.NewGuid().ToString(),
            MayGoOn = ComparingTime(() => connections.RemainingTime),
        };
        try
        {
            return await AskAsync(job, input, cancellationToken);
        }
        catch (CdcDmsException fault) when (fault.Kind is ErrorKind.Unprovable)
        {
            return new ProveOutput { Table = input.Table.Source.ToString(), Keys = 0, Unprovable = fault.Message };
        }
    }

    /// <summary>Whether a comparison may go on, by the time that the function has.</summary>
    internal static Func<bool> ComparingTime(Func<TimeSpan> remaining)
    {
        var end = remaining() * (1 - ComparingShare);
        return () => remaining() > end;
    }

    private static async Task<ProveOutput> AskAsync(ProofJob job, ProveInput input, CancellationToken cancellationToken)
    {
        var (name, repair) = (input.Table.Source.ToString(), input.Repairs ? new ProofRepair() : null);
        if (input.Scope is ProofScope.Sample)
            return new ProveOutput
            {
                Table = name,
                Keys = await job.AskSampleAsync(input.Table, input.SampleKeys, repair, cancellationToken),
            };
        var full = await job.AskAllAsync(input.Table, repair, cancellationToken);
        return new ProveOutput
        {
            Table = name,
            Keys = full.Keys,
            More = full.More,
            Compared = full.Compared,
            Incomplete = full.Incomplete,
        };
    }
}
