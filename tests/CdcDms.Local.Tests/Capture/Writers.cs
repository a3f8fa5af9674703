using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

/// <summary>
/// Sessions that change a table <c>log</c> (rows are only inserted) and a table <c>rows</c> (each update adds one to <c>n</c>) until they
/// are stopped.
/// </summary>
internal sealed class Writers
{
    public const string Schema =
        "CREATE TABLE log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t text); CREATE TABLE rows (id int PRIMARY KEY, n int NOT "
        + "NULL);"
        + "INSERT INTO rows SELECT i, 0 FROM generate_series(1, 20) i; INSERT INTO log (t) SELECT 'before' FROM generate_series(1, 500)";

    // Savepoints, a rollback and locks held over statements: the WAL interleaves what commits apart.
    private const string Transaction =
        """
        BEGIN; INSERT INTO log (t) VALUES ('a'), ('b'); UPDATE rows SET n = n + 1 WHERE id = {0};
        SAVEPOINT s; INSERT INTO log (t) VALUES ('rolled back'); UPDATE rows SET n = -1 WHERE id = {0}; ROLLBACK TO s;
        UPDATE rows SET n = n + 1 WHERE id = {0}; COMMIT
        """;

    private readonly Task _work;
    private volatile bool _stopped;

    public Writers(TestDatabase source, int sessions) =>
        _work = Task.WhenAll(Enumerable.Range(0, sessions).Select(session => Task.Run(async () =>
        {
            for (var turn = session; !_stopped; turn += 7)
                await source.ExecuteAsync(Transaction.Replace("{0}", $"{turn % 20 + 1}", StringComparison.Ordinal));
        })));

    public async Task StopAsync()
    {
        _stopped = true;
        await _work;
    }
}
