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

    private const string Savepoint = "attempt";

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
                var keyIsReadable = await KeyIsReadableAsync(half.From, cancellationToken);
                refused.Add(new RefusedChange(half.From, fault.SqlState, PostgresFault.Sentence(fault), keyIsReadable));
                continue;
            }

            var middle = half.From + (half.To - half.From) / 2;
            halves.Push((middle + 1, half.To));
            halves.Push((half.From, middle));
        }

        await StageAsync("number <> ALL ($1)", cancellationToken, refused.Select(change => change.Number).ToArray());
        return refused;
    }

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
            $"INSERT INTO {StagingSql.Table} SELECT {sql.Staging.Names} FROM {Numbered} WHERE {condition}", cancellationToken, parameters);
    }

    private async Task<bool> KeyIsReadableAsync(long number, CancellationToken cancellationToken)
    {
        var query = $"SELECT {sql.Staging.KeyObject} FROM {Numbered} s WHERE s.number = $1";
        return await AttemptAsync(() => connection.ExecuteAsync(query, cancellationToken, number), cancellationToken) is null;
    }

    /// <summary>Tries something and undoes it.</summary>
    /// <returns>The fault if PostgreSQL refuses a value; else null.</returns>
    private async Task<PostgresException?> AttemptAsync(Func<Task> attempt, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"SAVEPOINT {Savepoint}", cancellationToken);
        PostgresException? refusal = null;
        try
        {
            await attempt();
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault))
        {
            refusal = fault;
        }

        await connection.ExecuteAsync($"ROLLBACK TO SAVEPOINT {Savepoint}; RELEASE SAVEPOINT {Savepoint}", cancellationToken);
        return refusal;
    }
}
