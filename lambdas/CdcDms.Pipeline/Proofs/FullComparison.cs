using System.Text.Json;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Targets;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Proofs;

/// <summary>
/// Compares a whole table in as many calls as it takes, and asks for proofs of the rows that differ. What a call has read by its end is in
/// the ledger, and the next call goes on with it.
/// </summary>
/// <param name="source">A connection by which rows are read at the source.</param>
/// <param name="target">A connection by which rows are read in analytics.</param>
/// <param name="session">The table.</param>
/// <param name="asking">Asks for proofs.</param>
/// <param name="key">The target's key columns, in the order in which keys are asked for.</param>
/// <param name="repair">What may be repaired when the proofs are judged; null for nothing.</param>
/// <param name="limits">What bounds the comparison.</param>
/// <param name="pace">How long to go on.</param>
internal sealed class FullComparison(
    NpgsqlConnection source,
    NpgsqlConnection target,
    TargetSession session,
    ProofAsking asking,
    IReadOnlyList<string> key,
    ProofRepair? repair,
    ScanLimits limits,
    ScanPace pace)
{
    private readonly TableDefinition _table = session.Table;
    private readonly ProvenTable _proven = new(session);

    private ComparisonLedger Ledger => session.Ledger.Comparison;

    /// <summary>Goes on with a comparison, or begins one. It begins anew when a table was rewritten or emptied meanwhile.</summary>
    /// <param name="cancellationToken">Ends the call; proofs that were asked for by then stay.</param>
    public async Task<FullProof> RunAsync(CancellationToken cancellationToken)
    {
        var run = await GoOnAsync(cancellationToken) ?? await BeginAsync(attempt: 0, cancellationToken);
        while (true)
        {
            using var current = run;
            try
            {
                var more = await run.GoOnAsync(new DifferenceAsking(asking, key, repair), cancellationToken);
                if (more is not ComparisonMore.Nothing)
                {
                    var state = run.State;
                    await Ledger.SaveAsync(
                        state.SinceUtc, JsonSerializer.Serialize(state, ComparisonJson.Default.ComparisonState), run.Parts(),
                        cancellationToken);
                    return Found(state, more);
                }

                if (!await run.Sides.AreOutdatedAsync(cancellationToken))
                    return await EndAsync(run.State, cancellationToken);
            }
            catch (PostgresException fault) when (
                fault.SqlState is PostgresErrorCodes.UndefinedTable && run.State.Attempt + 1 < RowComparison.Attempts)
            {
                // A partition that was dropped before its turn.
            }

            run = await BeginAsync(run.State.Attempt + 1, cancellationToken);
        }
    }

    private async Task<ComparisonRun?> GoOnAsync(CancellationToken cancellationToken)
    {
        if (await Ledger.GoOnAsync(cancellationToken) is not { } json)
            return null;
        var state = JsonSerializer.Deserialize(json, ComparisonJson.Default.ComparisonState)!;
        if (state.Repair != repair || await asking.SettledBeforeAsync(state.Marker, cancellationToken) is not { } settled)
            return null;
        var sides = (await TablesAsync(cancellationToken)).Sides(state.Buckets, settled, state.Source, state.Target);
        if (sides.Shape != state.Shape || await _proven.NewestGenerationAsync(cancellationToken) != state.Generation
            || await sides.AreOutdatedAsync(cancellationToken))
            return null;
        var run = new ComparisonRun(sides, state, limits, pace);
        await run.RestoreAsync(Ledger, cancellationToken);
        return run;
    }

    private async Task<ComparisonRun> BeginAsync(int attempt, CancellationToken cancellationToken)
    {
        if (attempt == RowComparison.Attempts)
        {
            await Ledger.ForgetAsync(cancellationToken);
            throw RowComparison.Rewritten(_table);
        }

        var whole = await _proven.BeginAsync(cancellationToken);
        var settled = await asking.SettleAsync(cancellationToken);
        var sides = await (await TablesAsync(cancellationToken)).BeginAsync(settled, cancellationToken);
        return new ComparisonRun(
            sides,
            new ComparisonState
            {
                SinceUtc = whole.SinceUtc,
                Generation = whole.Generation,
                Marker = settled.Id,
                Shape = sides.Shape,
                Repair = repair,
                Buckets = sides.Buckets,
                Attempt = attempt,
                Source = sides.Source.Scan.Position,
                Target = sides.Target.Scan.Position,
            },
            limits,
            pace);
    }

    private async Task<TablePair> TablesAsync(CancellationToken cancellationToken)
    {
        var tables = await ComparedTables.FindAsync(source, target, _table, cancellationToken);
        // A column may have come while writers were waited for.
        ProofTable.RefuseMissing(_table, tables.Missing);
        return await TablePair.OpenAsync(source, target, tables, limits, cancellationToken);
    }

    private async Task<FullProof> EndAsync(ComparisonState state, CancellationToken cancellationToken)
    {
        var found = Found(state, ComparisonMore.Nothing);
        if (found.Incomplete is null)
            await _proven.IsComparedAsync(new WholeComparison(state.SinceUtc, state.Generation), state.Proofs, cancellationToken);
        await Ledger.ForgetAsync(cancellationToken);
        return found;
    }

    private FullProof Found(ComparisonState state, ComparisonMore more) => new(
        new ValidateOutput
        {
            Table = _table.Source.ToString(),
            SourceRows = state.SourceRows,
            TargetRows = state.TargetRows,
            Missing = state.Missing,
            Extra = state.Extra,
            Changed = state.Changed,
            DifferentColumns = [],
        },
        state.Proofs,
        state.Keys)
    {
        More = more,
        Incomplete = more is ComparisonMore.Nothing ? Incomplete(state) : null,
    };

    // A row that was on neither side as it had been has changed since the marker. That change brings all its values, unless the target
    // keeps older ones.
    private string? Incomplete(ComparisonState state) => state switch
    {
        { HasMoreRows: true } => $"More than {limits.ExaminedRows} rows differ, and the others were not read; compare once more after the "
            + "repair, or load the table again.",
        { HasPartialKeys: true } => "Rows that differ have a key that is NULL in part, by which no row is found; correct the key.",
        { Gone: > 0 } when session.Target.HasRegisters =>
            $"{state.Gone} rows that differ changed while they were compared, and were not read; compare once more.",
        _ => null,
    };
}
