using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Proofs;
using CdcDms.Pipeline.Retention;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Merging;

/// <summary>What follows the last batch of the files that wait: proofs are judged, and old files deleted.</summary>
/// <param name="lake">Where the change files are.</param>
/// <param name="session">The table.</param>
/// <param name="time">Decides which files are old.</param>
internal sealed class LastBatch(LakeReader lake, TargetSession session, TimeProvider time)
{
    /// <summary>Does so. What was merged is merged, whatever becomes of this.</summary>
    /// <param name="output">What the batch reports.</param>
    /// <param name="retentionDays">
    /// Days after which files that were merged are deleted; null to keep them. Files of a feed are others'.
    /// </param>
    /// <returns>The report, with what became of this.</returns>
    public async Task<MergeOutput> FollowAsync(MergeOutput output, int? retentionDays, CancellationToken cancellationToken)
    {
        var judged = await JudgedAsync(output, cancellationToken);
        return retentionDays is not { } days || session.Table.Feed is not null ? judged : judged with
        {
            Deleted = await new KeptDays(days, time)
                .DeleteOlderAsync(lake, session.Connection, session.Ledger, session.Table.Source, cancellationToken),
        };
    }

    private async Task<MergeOutput> JudgedAsync(MergeOutput output, CancellationToken cancellationToken)
    {
        var judgement = new ProofJudgement(session, lake.Lake);
        try
        {
            await judgement.RunAsync(cancellationToken);
            return output with
            {
                Proofs = judgement.Judged.Proofs > 0 ? judgement.Judged : null,
                UnprovenSinceUtc = await session.Ledger.Unproven.OldestAsync(cancellationToken),
            };
        }
        catch (NpgsqlException fault)
        {
            return NotJudged(PostgresFault.Tell(fault, $"The proofs of {session.Table.Target} wait for the next merge"));
        }
        catch (CdcDmsException fault) when (fault.Kind is ErrorKind.Unavailable)
        {
            return NotJudged(fault);
        }

        MergeOutput NotJudged(CdcDmsException fault) => output with { Proofs = judgement.Judged with { Failure = fault.Message } };
    }
}
