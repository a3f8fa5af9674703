using Npgsql;

namespace CdcDms.Pipeline.Postgres;

/// <summary>Tries statements in a transaction that goes on when PostgreSQL refuses a value.</summary>
internal static class Savepoint
{
    /// <summary>Tries something; what is refused is undone.</summary>
    /// <param name="connection">A connection in a transaction.</param>
    /// <param name="attempt">What is tried.</param>
    /// <param name="keep">Whether it stays where PostgreSQL accepts it.</param>
    /// <param name="cancellationToken">Ends it; the transaction is then of no use.</param>
    /// <returns>The fault if PostgreSQL refuses a value; else null.</returns>
    public static async Task<PostgresException?> TryAsync(
        this NpgsqlConnection connection, Func<Task> attempt, bool keep, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("SAVEPOINT attempt", cancellationToken);
        PostgresException? refusal = null;
        try
        {
            await attempt();
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault))
        {
            refusal = fault;
        }

        var undo = keep && refusal is null ? "" : "ROLLBACK TO SAVEPOINT attempt; ";
        await connection.ExecuteAsync($"{undo}RELEASE SAVEPOINT attempt", cancellationToken);
        return refusal;
    }
}
