using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Statements;
using Npgsql;

namespace CdcDms.Pipeline.Quarantine;

/// <summary>
/// Finds the staged changes that the target refuses, by halves: a half that can be merged holds none. Every attempt is rolled back, because
/// rows that are written after a savepoint do not carry the transaction's number, by which the counting tells them from older ones.
/// </summary>
internal sealed class RefusedChanges(NpgsqlConnection connection, MergeSql sql)
{
    /// <summary>The temporary table with all staged changes, each with its number.</summary>
    public const string Numbered = "pg_temp.cdc_numbered";

    private const string Others = "number <> ALL ($1)";

    /// <summary>
    /// Applies moves that were refused, but not for their old keys, as if their new keys were not known: their rows are no longer where
    /// they were. No row of the target has a key that the target cannot read, so the other moves need nothing.
    /// </summary>
    public static async Task<RowCounts> ApplyMovesAsync(
        NpgsqlConnection connection,
        MergeSql sql,
        IReadOnlyList<RefusedChange> refused,
        StagedMerge merge,
        CancellationToken cancellationToken)
    {
        var readable = Numbers(refused.Where(move => move.KeyIsReadable));
        if (readable.Length == 0)
            return new RowCounts();
        var names = string.Join(", ", sql.Staging.Key.Select(column => column.Name).Concat(["deleted", "version", "committed_at"]));
        await connection.ExecuteAsync(StagingSql.Empty, cancellationToken);
        await connection.ExecuteAsync(
            $"INSERT INTO {StagingSql.Table} ({names}) SELECT {names} FROM {Numbered} WHERE number = ANY ($1)",
            cancellationToken, readable);
        return await merge.ApplyAsync(sql, cancellationToken);
    }

    /// <summary>Takes the refused changes out of the staging table; they stay in <see cref="Numbered"/>.</summary>
    /// <param name="merge">Merges what is staged.</param>
    /// <returns>The refused changes, at most one more than a batch may have.</returns>
    public async Task<IReadOnlyList<RefusedChange>> MoveAsync(StagedMerge merge, CancellationToken cancellationToken)
    {
        await NumberAsync(cancellationToken);
        var last = await connection.ScalarAsync<long>($"SELECT max(number) FROM {Numbered}", cancellationToken);
        var refused = new List<RefusedChange>();
        var halves = new Stack<(long From, long To)>([(1, last)]);
        while (halves.TryPop(out var half) && refused.Count <= RefusedChange.MostInBatch)
        {
            if (await AttemptAsync(() => MergeAsync(half.From, half.To, merge, cancellationToken), cancellationToken) is not { } fault)
                continue;
            if (half.From == half.To)
            {
                refused.Add(await RefusedAsync(half.From, fault, cancellationToken));
                continue;
            }

            var middle = half.From + (half.To - half.From) / 2;
            halves.Push((middle + 1, half.To));
            halves.Push((half.From, middle));
        }

        while (refused.Count <= RefusedChange.MostInBatch && await TogetherAsync(last, refused, merge, cancellationToken) is { } culprit)
            refused.Add(culprit);
        await StageAsync(Others, cancellationToken, Numbers(refused));
        return refused;
    }

    /// <summary>
    /// Finds a change that is refused only together with others: a constraint over several columns, which it and an older change fill.
    /// </summary>
    /// <returns>Null when all that are not refused can be merged together.</returns>
    private async Task<RefusedChange?> TogetherAsync(
        long last, List<RefusedChange> refused, StagedMerge merge, CancellationToken cancellationToken)
    {
        if (await FaultUpToAsync(last) is not { } fault)
            return null;
        // The shortest beginning that is refused: its last change is the one.
        var (accepted, failing) = (0L, last);
        while (failing - accepted > 1)
        {
            var middle = accepted + (failing - accepted) / 2;
            if (await FaultUpToAsync(middle) is { } earlier)
                (failing, fault) = (middle, earlier);
            else
                accepted = middle;
        }

        return await RefusedAsync(failing, fault, cancellationToken);

        Task<PostgresException?> FaultUpToAsync(long number) => AttemptAsync(
            async () =>
            {
                await StageAsync($"{Others} AND number <= $2", cancellationToken, Numbers(refused), number);
                await merge.ApplyAsync(sql, cancellationToken);
            },
            cancellationToken);
    }

    private async Task<RefusedChange> RefusedAsync(long number, PostgresException fault, CancellationToken cancellationToken)
    {
        var keyIsReadable = await KeyIsReadableAsync(number, cancellationToken);
        var place = await connection.ScalarAsync<long>($"SELECT row_id FROM {Numbered} WHERE number = $1", cancellationToken, number);
        return new RefusedChange(number, place, fault.SqlState, PostgresWords.Kept(fault), PostgresWords.Told(fault), keyIsReadable);
    }

    private static long[] Numbers(IEnumerable<RefusedChange> refused) => [.. refused.Select(change => change.Number)];

    private Task NumberAsync(CancellationToken cancellationToken) => connection.ExecuteAsync(
        $"DROP TABLE IF EXISTS {Numbered}; ALTER TABLE {StagingSql.Table} RENAME TO cdc_numbered; "
        + $"ALTER TABLE {Numbered} ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        cancellationToken);

    private async Task MergeAsync(long from, long to, StagedMerge merge, CancellationToken cancellationToken)
    {
        await StageAsync("number BETWEEN $1 AND $2", cancellationToken, from, to);
        await merge.ApplyAsync(sql, cancellationToken);
    }

    /// <summary>Makes a staging table of the numbered changes for which a condition holds.</summary>
    private async Task StageAsync(string condition, CancellationToken cancellationToken, params object[] parameters)
    {
        await connection.ExecuteAsync(sql.Staging.Create, cancellationToken);
        await connection.ExecuteAsync(
            $"INSERT INTO {StagingSql.Table} SELECT {sql.Staging.Names} FROM {Numbered} s WHERE {condition}",
            cancellationToken, parameters);
    }

    private async Task<bool> KeyIsReadableAsync(long number, CancellationToken cancellationToken)
    {
        var query = $"SELECT {sql.Staging.KeyObject} FROM {Numbered} s WHERE s.number = $1";
        return await AttemptAsync(() => connection.ExecuteAsync(query, cancellationToken, number), cancellationToken) is null;
    }

    private Task<PostgresException?> AttemptAsync(Func<Task> attempt, CancellationToken cancellationToken) =>
        connection.TryAsync(attempt, keep: false, cancellationToken);
}
