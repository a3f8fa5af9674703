using CdcDms.Pipeline.Postgres;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;

namespace CdcDms.Local.Capture;

/// <summary>
/// Creates the slot of a new capture, and tells what that waits for: PostgreSQL begins a slot only when every transaction that was open
/// before has ended, in whatever database of the server, prepared ones too.
/// </summary>
internal sealed class SlotCreation(CaptureRun run, Slot slot, NpgsqlConnection connection)
{
    // The walsender waits for one transaction after the other, each by a lock on its number.
    private const string Waits =
        """
        SELECT waiting.transactionid::text, holder.pid, a.usename::text, a.datname::text, p.gid, p.database::text
        FROM pg_locks waiting
          JOIN pg_locks holder ON holder.transactionid = waiting.transactionid AND holder.granted
          LEFT JOIN pg_stat_activity a ON a.pid = holder.pid
          LEFT JOIN pg_prepared_xacts p ON p.transaction = waiting.transactionid
        WHERE waiting.pid = $1 AND waiting.locktype = 'transactionid' AND NOT waiting.granted
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly HashSet<string> _told = [];

    /// <summary>Creates the slot, with a snapshot of the data at its start that lives until the connection's next command.</summary>
    public async Task<PgOutputReplicationSlot> CreateAsync(LogicalReplicationConnection replication, CancellationToken cancellationToken)
    {
        var creation = slot.CreateAsync(replication, cancellationToken);
        while (await Task.WhenAny(creation, Task.Delay(Patience, run.Options.Clock, CancellationToken.None)) != creation
            && await TellAsync(replication.ProcessID))
        {
            // The next transaction, or the same one still.
        }

        return await creation;
    }

    /// <returns>Whether the source answered; if not, the creation's own failure says why.</returns>
    private async Task<bool> TellAsync(int walsender)
    {
        try
        {
            var sentences = await connection.QueryAsync(Waits, Sentence, CancellationToken.None, walsender)
                .ToListAsync(CancellationToken.None);
            foreach (var sentence in sentences.Where(_told.Add))
                run.Report(sentence);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static string Sentence(NpgsqlDataReader row)
    {
        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        var (holder, cure) = Text(4) is { } gid
            ? ($"the prepared transaction '{gid}' of database {Text(5)}", $"COMMIT PREPARED or ROLLBACK PREPARED '{gid}' ends it")
            : row.IsDBNull(1) ? ("a session that has just ended", "nothing has to be done")
            : ($"process {row.GetInt32(1)} (role {Text(2)}, database {Text(3)})",
                $"end it there, or by SELECT pg_terminate_backend({row.GetInt32(1)})");
        return $"The capture waits for the open transaction {Text(0)} of {holder}, since a replication slot begins only when all that were "
            + $"open before it have ended; {cure}.";
    }
}
