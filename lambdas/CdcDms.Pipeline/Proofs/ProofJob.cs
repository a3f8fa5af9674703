using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Proofs;

/// <summary>Asks for proofs: reads rows at the source between two markers. The merge judges them once the second marker is due.</summary>
/// <param name="sourceConnection">Connection string of the source database; its role may write markers.</param>
/// <param name="targetConnection">Connection string of the analytics database.</param>
/// <param name="intervalSeconds">Seconds after which the task that reads the source closes a file at the latest.</param>
/// <param name="settleSeconds">Seconds to wait for transactions that write the table, and for a replica that lags behind.</param>
/// <param name="readConnection">
/// Connection string by which rows are read, of a replica of the source or of a role that may only read; null for that of the source.
/// </param>
public sealed class ProofJob(
    string sourceConnection, string targetConnection, int intervalSeconds, int settleSeconds = 60, string? readConnection = null)
{
    // A whole table is much to read at a server that has other work.
    private const double RestShare = 0.25;

    /// <summary>The lake whose merges are to judge the proofs: a table that another one fills is refused. Default: any.</summary>
    public LakeUri? Lake { get; init; }

    /// <summary>Names who compares: calls of the same run go on with one comparison. Default: a run of its own.</summary>
    public string Run { get; init; } = Guid.NewGuid().ToString();

    /// <summary>
    /// Is asked between the statements of a comparison of a whole table; false ends the call there. Default: a call goes on to the end.
    /// </summary>
    public Func<bool> MayGoOn { get; init; } = () => true;

    /// <summary>What bounds the comparison of a whole table.</summary>
    internal ScanLimits Limits { get; init; } = FullProof.Limits;

    /// <summary>Reads the rows of some keys for proofs.</summary>
    /// <param name="table">The table.</param>
    /// <param name="keys">
    /// The keys, each as texts of its columns in the order of the definition's key, else of the target's primary key.
    /// </param>
    /// <param name="repair">What may be repaired when the proof is judged; null for nothing.</param>
    /// <param name="cancellationToken">Ends the call; proofs that were asked for by then stay.</param>
    /// <returns>The proofs' numbers in the ledger, one for every 10,000 keys.</returns>
    /// <exception cref="CdcDmsException">
    /// The table cannot be proven, is parked, or a key cannot be read, or transactions write the table for too long.
    /// </exception>
    public Task<IReadOnlyList<long>> AskAsync(
        TableDefinition table, IReadOnlyList<IReadOnlyList<string>> keys, ProofRepair? repair, CancellationToken cancellationToken) =>
        keys.Count == 0
            ? throw new CdcDmsException(ErrorKind.BadDefinition, $"Nothing of {table.Source} is to be proven: there is no key.")
            : ConnectedAsync(
                table, (asking, _, _) => asking.AskAsync(keys, repair, cancellationToken), cancellationToken);

    /// <summary>
    /// Compares the whole table, and asks for proofs of the keys that differ. They may only be on their way; what is equal is proven. A
    /// comparison that an earlier call of the same run did not end goes on.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="repair">What may be repaired when the proofs are judged; null for nothing.</param>
    /// <param name="cancellationToken">Ends the call; proofs that were asked for by then stay.</param>
    /// <exception cref="CdcDmsException">As of <see cref="AskAsync"/>.</exception>
    public Task<FullProof> AskAllAsync(TableDefinition table, ProofRepair? repair, CancellationToken cancellationToken) =>
        ConnectedAsync(
            table,
            (asking, session, key) => ComparisonWork.RunAsync(
                table,
                async () =>
                {
                    var opened = await Database.OpenBothAsync(readConnection ?? sourceConnection, targetConnection, cancellationToken);
                    await using var source = opened.Source;
                    await using var target = opened.Analytics;
                    await SameTable.RefuseAsync(source, target, table, cancellationToken);
                    await using var hold = await ComparisonHold.TakeAsync(
                        targetConnection, session.Ledger.Id, table, cancellationToken);
                    var comparison = new FullComparison(
                        (source, target), session, asking, key, new ComparisonRequest(Run, repair), Limits,
                        new ScanPace(MayGoOn, RestShare));
                    return await comparison.RunAsync(hold, cancellationToken);
                },
                full => full.Compared),
            cancellationToken);

    /// <summary>Lets others compare a table at once: this run does not go on with its comparison.</summary>
    /// <exception cref="CdcDmsException">The analytics database cannot be used.</exception>
    public Task GiveUpAsync(TableDefinition table, CancellationToken cancellationToken) => Database.WithAnalyticsAsync(
        targetConnection,
        $"The comparison of {table.Source} was not given up",
        async connection =>
        {
            // A table that nothing was merged into has no comparison, and must not get a ledger from what was refused.
            var ledger = await TableLedger.FindAsync(connection, table.TargetName, cancellationToken);
            return ledger is null ? 0 : await ledger.Comparison.GiveUpAsync(Run, cancellationToken);
        },
        cancellationToken);

    /// <summary>Asks for proofs of the keys in which the newest proof has found differences.</summary>
    /// <param name="table">The table.</param>
    /// <param name="repair">What may be repaired when the proofs are judged; null for nothing.</param>
    /// <param name="cancellationToken">Ends the call; proofs that were asked for by then stay.</param>
    /// <returns>The proofs' numbers in the ledger; none when no difference is known.</returns>
    /// <exception cref="CdcDmsException">As of <see cref="AskAsync"/>.</exception>
    public Task<IReadOnlyList<long>> AskDifferencesAsync(
        TableDefinition table, ProofRepair? repair, CancellationToken cancellationToken) =>
        ConnectedAsync(table, (asking, _, _) => asking.AskDifferencesAsync(repair, cancellationToken), cancellationToken);

    /// <summary>Asks for a proof of some keys of the batches that were merged since the last such proof.</summary>
    /// <param name="table">The table.</param>
    /// <param name="most">The most keys.</param>
    /// <param name="repair">What may be repaired when the proof is judged; null for nothing.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many keys were read.</returns>
    /// <exception cref="CdcDmsException">As of <see cref="AskAsync"/>.</exception>
    public Task<int> AskSampleAsync(TableDefinition table, int most, ProofRepair? repair, CancellationToken cancellationToken) =>
        ConnectedAsync(table, (asking, _, _) => asking.AskSampleAsync(most, repair, cancellationToken), cancellationToken);

    /// <summary>What became of proofs of a table, together.</summary>
    /// <exception cref="CdcDmsException">The analytics database cannot be used, or a proof is gone.</exception>
    public Task<ProofResult> ReadAsync(TableDefinition table, IReadOnlyList<long> proofs, CancellationToken cancellationToken) =>
        Database.WithAnalyticsAsync(
            targetConnection,
            $"The proofs of {table.Target} were not read",
            async connection =>
            {
                var ledger = await TableLedger.OpenAsync(connection, table.TargetName, cancellationToken);
                var results = new List<ProofResult>();
                foreach (var proof in proofs)
                    results.Add(await ledger.Proofs.ReadAsync(proof, cancellationToken));
                return ProofResult.Together(results);
            },
            cancellationToken);

    private async Task<T> ConnectedAsync<T>(
        TableDefinition table, Func<ProofAsking, TargetSession, IReadOnlyList<string>, Task<T>> ask, CancellationToken cancellationToken)
    {
        await using var source = await Database.OpenAsync(sourceConnection, "source", cancellationToken);
        await using var replica = readConnection is null ? null
            : await Database.OpenAsync(readConnection, "source", cancellationToken);
        try
        {
            await using var session = await TargetSession.OpenAsync(
                targetConnection, table, mayCreate: () => Task.FromResult(false), cancellationToken) ?? throw NothingMerged(table);
            var record = await session.RecordUnlessParkedAsync(cancellationToken);
            if (Lake is { } wanted && record.Lake is { } known && known != wanted.ToString())
                throw new CdcDmsException(
                    ErrorKind.BadDefinition,
                    $"No row of {table.Source} can be proven by {wanted}: {table.Target} was filled from {known}; name that lake.");
            // Markers can only be written on the primary, which tells the lag of what is read elsewhere.
            if (await source.ScalarAsync<bool>("SELECT pg_is_in_recovery()", cancellationToken))
                throw new CdcDmsException(
                    ErrorKind.Unavailable,
                    $"{table.Source} was not read for a proof: the source's server is a replica, which may lag behind; name the primary, "
                    + "and the replica as the connection for reads.");
            await SameTable.RefuseAsync(source, session.Connection, table, cancellationToken);
            var found = await ProofTable.FindAsync(source, session, cancellationToken);
            var asking = new ProofAsking(
                source, replica ?? source, session, found, intervalSeconds, TimeSpan.FromSeconds(settleSeconds));
            return await ask(asking, session, [.. found.Key.Select(column => column.To)]);
        }
        catch (NpgsqlException fault)
        {
            throw PostgresFault.Tell(fault, $"{table.Source} was not read for a proof of {table.Target}");
        }
    }

    private static CdcDmsException NothingMerged(TableDefinition table) => new(
        ErrorKind.Unprovable,
        $"No row of {table.Source} can be proven: {table.Target} does not exist, because nothing was merged into it yet.");
}
