using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>
/// Tells what a session of the capture waits for at the source: a table that somebody alters, or the end of a transaction. Such a wait has
/// no limit, and the transaction may be one that somebody forgot, or a prepared one that no session has any more.
/// </summary>
internal static class BlockedSession
{
    // A prepared transaction has no process: PostgreSQL names it as 0. To wait for a transaction is to wait for a lock on its number.
    private const string Waits =
        """
        SELECT coalesce('the end of transaction ' || w.transactionid, 'table ' || w.relation::regclass, 'a lock'),
          b.pid, a.usename::text, a.datname::text,
          (SELECT string_agg(quote_literal(p.gid) || ' of database ' || p.database, ', ') FROM pg_prepared_xacts p
           WHERE b.pid = 0 AND (p.transaction = w.transactionid OR w.transactionid IS NULL AND p.database = current_database()))
        FROM pg_locks w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) b (pid) LEFT JOIN pg_stat_activity a ON a.pid = b.pid
        WHERE w.pid = $1 AND NOT w.granted
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Waits for work of a session, and looks every three seconds whether the session waits for another.</summary>
    /// <param name="run">Is told.</param>
    /// <param name="process">The session's process at the source.</param>
    /// <param name="work">What the session does.</param>
    public static async Task<T> WatchAsync<T>(CaptureRun run, int process, Task<T> work)
    {
        if (!await IsDoneAsync(run, work))
            await TellAsync(run, process, work);
        return await work;
    }

    private static async Task TellAsync(CaptureRun run, int process, Task work)
    {
        var told = new HashSet<string>();
        try
        {
            await using var connection = await run.Source.OpenAsync(CancellationToken.None);
            do
            {
                await foreach (var sentence in connection.QueryAsync(Waits, Sentence, CancellationToken.None, process))
                    if (told.Add(sentence))
                        run.Report(sentence);
            }
            while (!await IsDoneAsync(run, work));
        }
        catch (Exception fault) when (fault is NpgsqlException or CdcDmsException)
        {
            // The work's own failure says why the source does not answer; if it goes on, only the hint is missing.
        }
    }

    private static async Task<bool> IsDoneAsync(CaptureRun run, Task work) =>
        await Task.WhenAny(work, Task.Delay(Patience, run.Options.Clock, CancellationToken.None)) == work;

    private static string Sentence(NpgsqlDataReader row)
    {
        var process = row.GetInt32(1);
        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        var (holder, cure) = process > 0
            ? ($"process {process} (role {Text(2)}, database {Text(3)})", $"end it there, or by SELECT pg_terminate_backend({process})")
            : ($"the prepared transaction {Text(4)}", "COMMIT PREPARED or ROLLBACK PREPARED ends it");
        return $"The capture waits for {row.GetString(0)}, held by {holder}, and goes on when that has ended; {cure}.";
    }
}
