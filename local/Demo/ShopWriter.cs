using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Demo;

/// <summary>One busy user of the shop: transactions of a few statements each, some rolled back, until told to stop.</summary>
internal sealed class ShopWriter(string connectionString, int seed)
{
    private static readonly string[] Statements = [.. Shop.Statements("writer.sql")];

    private readonly Random _random = new(seed);

    /// <summary>Writes until cancelled; the transaction that is open then is rolled back.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await Database.OpenAsync(connectionString, "source", CancellationToken.None);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await WriteOnceAsync(connection, cancellationToken);
            }
            catch (PostgresException fault) when (WritersMet(fault))
            {
                // As users do: PostgreSQL has rolled this transaction back, and nothing of it is in the stream.
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static bool WritersMet(PostgresException fault) =>
        fault.SqlState is PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.UniqueViolation
            or PostgresErrorCodes.ForeignKeyViolation;

    private async Task WriteOnceAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        for (var statement = _random.Next(1, 8); statement > 0; statement--)
            await connection.ExecuteAsync(Statements[_random.Next(Statements.Length)], cancellationToken, _random.NextDouble());
        if (_random.Next(10) == 0)
            await transaction.RollbackAsync(cancellationToken);
        else
            await transaction.CommitAsync(cancellationToken);
    }
}
