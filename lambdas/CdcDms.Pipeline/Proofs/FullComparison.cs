using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Proofs;

/// <summary>
/// Compares a whole table in as many calls as it takes, and asks for proofs of the rows that differ. All reads of a call see analytics as
/// at one moment. From one call to the next a row could move from what is not read yet to what is: so a comparison that one call does not
/// end begins anew once merges have brought its marker. What moves then, moves by a change from after the marker, which brings the whole
/// row.
/// </summary>
/// <param name="connections">By which rows are read at the source and in analytics.</param>
/// <param name="session">The table.</param>
/// <param name="asking">Asks for proofs.</param>
/// <param name="key">The target's key columns, in the order in which keys are asked for.</param>
/// <param name="request">What is wanted.</param>
/// <param name="limits">What bounds the comparison.</param>
/// <param name="pace">How long to go on.</param>
internal sealed class FullComparison(
    (NpgsqlConnection Source, NpgsqlConnection Target) connections,
    TargetSession session,
    ProofAsking asking,
    IReadOnlyList<string> key,
    ComparisonRequest request,
    ScanLimits limits,
    ScanPace pace)
{
    private readonly TableDefinition _table = session.Table;
    private readonly ProvenTable _proven = new(session);

    private ComparisonLedger Ledger => session.Ledger.Comparison;

    /// <summary>Goes on with the run's comparison, or begins one. It begins anew when a table was rewritten or emptied meanwhile.</summary>
    /// <param name="hold">The lock, and the snapshots.</param>
    /// <param name="cancellationToken">Ends the call; proofs that were asked for by then stay.</param>
    public async Task<FullProof> RunAsync(ComparisonHold hold, CancellationToken cancellationToken)
    {
        var state = await SavedAsync(cancellationToken);
        if (state?.Phase is ComparisonPhase.Waiting && !await IsDueAsync(state, cancellationToken))
            return await SaveAsync(state, [], ComparisonMore.Merges, cancellationToken);
        var (run, attempt) = state is null ? (null, 0) : await ResumedAsync(state, hold, cancellationToken);
        run ??= await BeginAsync(attempt, hold, cancellationToken);
        while (true)
        {
            using var current = run;
            try
            {
                var more = await run.GoOnAsync(new DifferenceAsking(asking, key, request.Repair), cancellationToken);
                if (more is not ComparisonMore.Nothing)
                    return run.State.IsAfterMarker
                        ? await SaveAsync(run.State, run.Parts(), more, cancellationToken)
                        : await SaveAsync(run.State.FromTheBeginning(), [], ComparisonMore.Merges, cancellationToken);
                if (!await run.Sides.AreOutdatedAsync(cancellationToken))
                    break;
            }
            catch (PostgresException fault) when (
                fault.SqlState is PostgresErrorCodes.UndefinedTable && run.State.Attempt + 1 < RowComparison.Attempts)
            {
                // A partition that was dropped before its turn.
            }
            catch (Exception fault) when (PostgresFault.MayPass(fault))
            {
                await KeepAsync(run, cancellationToken);
                throw;
            }

            run = await BeginAsync(run.State.Attempt + 1, hold, cancellationToken);
        }

        return await EndAsync(run.State, cancellationToken);
    }

    // What keeps the state from being saved, such as a server that ended, is no more than what went wrong before.
    private async Task KeepAsync(ComparisonRun run, CancellationToken cancellationToken)
    {
        if (!run.BeginFailedPassAnew())
            return;
        try
        {
            await SaveAsync(run.State, run.Parts(), ComparisonMore.Time, cancellationToken);
        }
        catch (Exception second) when (
            second is NpgsqlException or CdcDmsException or InvalidOperationException or OperationCanceledException)
        {
            // The next call goes on with an earlier save. A connection that was lost is an invalid operation.
        }
    }

    private async Task<bool> IsDueAsync(ComparisonState state, CancellationToken cancellationToken)
    {
        var marker = await AwaitedMarker.ReadAsync(
            session.Connection, session.Ledger.Id, state.Marker, state.SinceUtc, cancellationToken);
        if (marker.Hopeless is not { } hopeless)
            return marker.IsDue;
        await Ledger.ForgetAsync(cancellationToken);
        throw new CdcDmsException(
            ErrorKind.BadData, $"{_table.Source} was not compared with {_table.Target}. {hopeless} Then compare again.");
    }

    private async Task<ComparisonState?> SavedAsync(CancellationToken cancellationToken) =>
        await Ledger.GoOnAsync(request.Run, cancellationToken) is { } json
            && ComparisonState.Read(json) is { } state && state.Repair == request.Repair
            && await _proven.NewestGenerationAsync(cancellationToken) == state.Generation
            && await asking.IsSettledAsync(state.Marker, cancellationToken)
            ? state : null;

    /// <returns>The comparison with which to go on; without one, how often it has begun by now.</returns>
    private async Task<(ComparisonRun? Run, int Attempt)> ResumedAsync(
        ComparisonState state, ComparisonHold hold, CancellationToken cancellationToken)
    {
        var isRead = state.Phase is not ComparisonPhase.Waiting;
        if (!isRead)
            state = state with { Phase = ComparisonPhase.Sums, IsAfterMarker = true };
        var tables = await TablesAsync(cancellationToken);
        var snapshot = await hold.SnapshotAsync(cancellationToken);
        var sides = tables.Sides(state.Buckets, (new SettledMarker(state.Marker, _table.Source), state.Source), (snapshot, state.Target));
        if (tables.Shape(sides) != state.Shape)
            return (null, 0);
        if (await sides.AreOutdatedAsync(cancellationToken))
            return (null, state.Attempt + 1);
        var run = new ComparisonRun(sides, state, limits, pace);
        if (isRead)
            await run.RestoreAsync(Ledger, cancellationToken);
        return (run, state.Attempt);
    }

    private async Task<ComparisonRun> BeginAsync(int attempt, ComparisonHold hold, CancellationToken cancellationToken)
    {
        if (attempt == RowComparison.Attempts)
        {
            await Ledger.ForgetAsync(cancellationToken);
            throw RowComparison.Rewritten(_table);
        }

        var whole = await _proven.BeginAsync(cancellationToken);
        var settled = await asking.SettleAsync(cancellationToken);
        var tables = await TablesAsync(cancellationToken);
        var sides = await tables.BeginAsync(
            settled, async () => await hold.SnapshotAsync(cancellationToken), cancellationToken);
        return new ComparisonRun(
            sides,
            new ComparisonState
            {
                Format = ComparisonState.CurrentFormat,
                SinceUtc = whole.SinceUtc,
                Generation = whole.Generation,
                Marker = settled.Id,
                Shape = tables.Shape(sides),
                Repair = request.Repair,
                Buckets = sides.Buckets,
                RowsPerPass = limits.RowsPerPass,
                Attempt = attempt,
                Phase = ComparisonPhase.Sums,
                Source = sides.Source.Scan.Position,
                Target = sides.Target.Scan.Position,
            },
            limits,
            pace);
    }

    private async Task<TablePair> TablesAsync(CancellationToken cancellationToken)
    {
        var (source, target) = connections;
        var tables = await ComparedTables.FindAsync(source, target, _table, cancellationToken);
        // A column may have come while writers were waited for.
        ProofTable.RefuseMissing(_table, tables.Missing);
        return await TablePair.OpenAsync(source, target, tables, limits, cancellationToken);
    }

    private async Task<FullProof> SaveAsync(
        ComparisonState state, IEnumerable<(string Name, byte[] Bytes)> parts, ComparisonMore more, CancellationToken cancellationToken)
    {
        await Ledger.SaveAsync(request.Run, state.SinceUtc, state.ToJson(), parts, cancellationToken);
        return FullProof.Of(session, state, limits, more);
    }

    private async Task<FullProof> EndAsync(ComparisonState state, CancellationToken cancellationToken)
    {
        var found = FullProof.Of(session, state, limits, ComparisonMore.Nothing);
        if (found.Incomplete is null)
            await _proven.IsComparedAsync(new WholeComparison(state.SinceUtc, state.Generation), state.Proofs, cancellationToken);
        await Ledger.ForgetAsync(cancellationToken);
        return found;
    }
}

/// <summary>What is wanted of a comparison.</summary>
/// <param name="Run">Who compares: calls of the same run go on with one comparison.</param>
/// <param name="Repair">What may be repaired when the proofs are judged; null for nothing.</param>
internal sealed record ComparisonRequest(string Run, ProofRepair? Repair);
