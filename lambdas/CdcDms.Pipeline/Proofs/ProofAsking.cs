using CdcDms.Contract;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Proofs;

/// <summary>Reads rows of one table for proofs.</summary>
/// <param name="source">A connection to the source's primary, without a transaction.</param>
/// <param name="reader">A connection by which rows are read: the same, another role's, or one to a replica.</param>
/// <param name="session">The target.</param>
/// <param name="table">The table.</param>
/// <param name="intervalSeconds">Seconds after which the task that reads the source closes a file at the latest.</param>
/// <param name="settling">How long to wait for transactions that write the table, and for a replica that lags behind.</param>
internal sealed class ProofAsking(
    NpgsqlConnection source,
    NpgsqlConnection reader,
    TargetSession session,
    ProofTable table,
    int intervalSeconds,
    TimeSpan settling)
{
    /// <summary>Keys of one proof: it is read, and judged, by one statement.</summary>
    public const int MostKeys = 10_000;

    // Their rows are kept until they are judged.
    private const int MostOpen = 100;

    /// <summary>Reads rows for proofs.</summary>
    /// <param name="keys">The keys, each as texts of its columns in the order of <see cref="ProofTable.Key"/>.</param>
    /// <param name="repair">What may be repaired when the proofs are judged; null for nothing.</param>
    /// <param name="cancellationToken">Ends the call; proofs that were asked for by then stay.</param>
    /// <returns>The proofs' numbers in the ledger, one for every <see cref="MostKeys"/>.</returns>
    /// <exception cref="CdcDmsException">A key cannot be read, or transactions write the table for too long.</exception>
    public async Task<IReadOnlyList<long>> AskAsync(
        IReadOnlyList<IReadOnlyList<string>> keys, ProofRepair? repair, CancellationToken cancellationToken)
    {
        if (keys.FirstOrDefault(parts => parts.Count != table.Key.Count) is { } wrong)
        {
            var otherwise = $"has {wrong.Count} columns, and that of {session.Table.Target} has {table.Key.Count}: "
                + $"{string.Join(", ", table.Key.Select(column => column.To))}.";
            throw new CdcDmsException(ErrorKind.BadDefinition, $"A key {otherwise}")
            {
                Kept = $"The key ({string.Join(", ", wrong)}) {otherwise}",
            };
        }

        if (await AreTooManyOpenAsync(cancellationToken))
            throw new CdcDmsException(
                ErrorKind.Conflict,
                $"Nothing of {session.Table.Source} was read for another proof: {MostOpen} proofs or more wait to be judged; "
                + "let merges judge them first.");
        await MarkerSchema.EnsureAsync(source, cancellationToken);
        var proofs = new List<long>();
        foreach (var some in keys.Chunk(MostKeys))
            proofs.Add(await AskSomeAsync(some, repair, proofs.Count == 0 ? null : proofs[0], cancellationToken));
        return proofs;
    }

    /// <summary>Whether as many proofs wait to be judged as are kept.</summary>
    public async Task<bool> AreTooManyOpenAsync(CancellationToken cancellationToken) =>
        await session.Ledger.Proofs.CountOpenAsync(cancellationToken) >= MostOpen;

    /// <summary>Reads rows for one proof.</summary>
    /// <param name="keys">The keys, at most <see cref="MostKeys"/>.</param>
    /// <param name="repair">What may be repaired when the proof is judged; null for nothing.</param>
    /// <param name="first">The first of the proofs that are asked for together; null for this one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The proof's number in the ledger.</returns>
    public async Task<long> AskSomeAsync(
        IReadOnlyList<IReadOnlyList<string>> keys, ProofRepair? repair, long? first, CancellationToken cancellationToken)
    {
        var (marker, settled) = await WriteSettledAsync(cancellationToken);
        var proof = new NewProof
        {
            OfProof = first,
            Marker = marker.Number,
            MarkerId = marker.Id,
            Repair = repair,
            Columns = table.Columns,
        };
        var backend = await reader.ScalarAsync<int>("SELECT pg_backend_pid()", cancellationToken);
        return await AskOneAsync(proof, settled, keys, backend, cancellationToken);
    }

    /// <summary>Reads some of the keys that batches have noted since the last sample.</summary>
    /// <returns>How many.</returns>
    public async Task<int> AskSampleAsync(int most, ProofRepair? repair, CancellationToken cancellationToken)
    {
        var sample = Whole(await session.Ledger.Proofs.SampleAsync(most, cancellationToken));
        if (sample.Count == 0)
            return 0;
        await AskAsync(sample, repair, cancellationToken);
        await session.Ledger.Proofs.ForgetSampleAsync(cancellationToken);
        return sample.Count;
    }

    /// <summary>Reads the rows again in which proofs found differences.</summary>
    /// <returns>The proofs' numbers in the ledger; none when no difference is known.</returns>
    public async Task<IReadOnlyList<long>> AskDifferencesAsync(ProofRepair? repair, CancellationToken cancellationToken)
    {
        var known = Whole(await session.Ledger.Proofs.DifferentKeysAsync(cancellationToken));
        return known.Count == 0 ? [] : await AskAsync(known, repair, cancellationToken);
    }

    // Of keys that were noted before the target got another key, nothing can be said.
    private List<List<string>> Whole(IReadOnlyList<IReadOnlyDictionary<string, string>> keys) =>
    [
        .. keys.Where(key => table.Key.All(column => key.ContainsKey(column.To)))
            .Select(key => table.Key.Select(column => key[column.To]).ToList()),
    ];

    /// <summary>Writes a marker and settles it for the table; returns once the server that is read knows of it.</summary>
    /// <exception cref="CdcDmsException">Transactions write the table for too long, or the server lags behind for too long.</exception>
    public async Task<SettledMarker> SettleAsync(CancellationToken cancellationToken)
    {
        await MarkerSchema.EnsureAsync(source, cancellationToken);
        return (await WriteSettledAsync(cancellationToken)).Settled;
    }

    /// <summary>
    /// Whether the source knows a marker that was settled for the table before: a restored one may not. Returns once the server that is
    /// read knows of it, too.
    /// </summary>
    /// <exception cref="CdcDmsException">The server that is read lags behind for too long.</exception>
    public async Task<bool> IsSettledAsync(Guid marker, CancellationToken cancellationToken)
    {
        await MarkerSchema.EnsureAsync(source, cancellationToken);
        var settled = new SettledMarker(marker, session.Table.Source);
        if (!await settled.IsKnownAsync(source, cancellationToken))
            return false;
        if (reader != source)
            await settled.WaitAsync(reader, settling, cancellationToken);
        return true;
    }

    private async Task<(WrittenMarker Marker, SettledMarker Settled)> WriteSettledAsync(CancellationToken cancellationToken)
    {
        var marker = await new MarkerWriter(source, intervalSeconds).WriteAsync(cancellationToken);
        await new Settlement(source, settling).SettleAsync(marker.Id, session.Table.Source, cancellationToken);
        var settled = new SettledMarker(marker.Id, session.Table.Source);
        if (reader != source)
            await settled.WaitAsync(reader, settling, cancellationToken);
        return (marker, settled);
    }

    private async Task<long> AskOneAsync(
        NewProof proof, SettledMarker settled, IReadOnlyList<IReadOnlyList<string>> keys, int backend, CancellationToken cancellationToken)
    {
        await using var transaction = await session.Connection.BeginTransactionAsync(cancellationToken);
        var id = await session.Ledger.Proofs.BeginAsync(proof, cancellationToken);
        var rows = new ProofRows(session, id);
        await new ProofReader(reader, table, settled, backend, rows).ReadAsync(keys, cancellationToken);
        var after = await new MarkerWriter(source, intervalSeconds).WriteAsync(cancellationToken);
        await session.Ledger.Proofs.EndAsync(id, rows.Count, after.Number, after.Id, after.WrittenUtc, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return id;
    }
}
