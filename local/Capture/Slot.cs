using System.Security.Cryptography;
using System.Text;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Postgres;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.Internal;
using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;
using NpgsqlTypes;

namespace CdcDms.Local.Capture;

/// <summary>
/// The replication slot and the publication of one lake. The plugin is pgoutput, though DMS takes test_decoding
/// (docs/dms-contract.md#source-plugin): both decode the same WAL, and pgoutput's messages are structured where test_decoding's text would
/// have to be parsed.
/// </summary>
internal sealed class Slot(Source source, string name, TimeProvider clock)
{
    private const string Plugin = "pgoutput";

    // Npgsql writes the name of a plugin into its command as it is, and knows no failover slots.
    private const string PluginWithFailover = $"{Plugin} (SNAPSHOT 'export', FAILOVER)";
    private const int FirstWithFailover = 17;

    /// <summary>A walsender whose client was killed needs a moment to see it.</summary>
    private static readonly TimeSpan Release = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The name of slot and publication.</summary>
    public string Name => name;

    /// <summary>The slot of a capture.</summary>
    public static Slot Of(CaptureRun run) =>
        new(run.Source, NameFor(run.Options.Lake, run.Options.S3.Config.ServiceURL), run.Options.Clock);

    /// <summary>
    /// The name that a lake gives to its slot and publication: the same on every run, another one for another lake. Buckets of two servers
    /// may have one name; AWS's do not.
    /// </summary>
    /// <param name="lake">The lake.</param>
    /// <param name="endpoint">The URL of its server; null for AWS.</param>
    public static string NameFor(LakeUri lake, string? endpoint)
    {
        var server = endpoint is null ? "" : new Uri(endpoint).GetLeftPart(UriPartial.Authority);
        return $"cdcdms_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{server} {lake}")))[..12]}";
    }

    /// <summary>Takes the lake for this connection's life: two captures over one lake would each drop what the other reads.</summary>
    /// <exception cref="CdcDmsException">Another capture has it.</exception>
    public async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string tryLock = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))";
        var began = clock.GetTimestamp();
        while (!await connection.ScalarAsync<bool>(tryLock, cancellationToken, name))
            await PauseAsync(began, cancellationToken);
    }

    /// <summary>Why the slot cannot give what it was to keep; null when it can.</summary>
    public async Task<string?> WhyLostAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // wal_status: "lost" is final, whatever invalidated the slot. The reason came with PostgreSQL 17.
        const string find =
            """
            SELECT coalesce(s.wal_status, ''), s.database, s.plugin, to_jsonb(s) ->> 'invalidation_reason', current_database(),
              EXISTS (SELECT FROM pg_publication WHERE pubname = $1)
            FROM (SELECT) one LEFT JOIN pg_replication_slots s ON s.slot_name = $1
            """;
        return await connection.SingleAsync(find, WhyLost, cancellationToken, name);
    }

    private string? WhyLost(NpgsqlDataReader row)
    {
        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        return Text(2) is not { } plugin ? $"replication slot {name} is gone from {source.Name}"
            : Text(1) != Text(4)
                ? $"replication slot {name} of {source.Name} is of database {Text(1)}, so {Text(4)} is another one than was captured"
            : plugin != Plugin ? $"replication slot {name} of {source.Name} was made anew, with the plugin {plugin} in place of {Plugin}"
            : Text(0) == "lost" ? $"{source.Name} has invalidated replication slot {name} ({Text(3) ?? "its WAL is gone"}) and removed the "
                + "WAL behind it, as max_slot_wal_keep_size and idle_replication_slot_timeout demand of a capture that stood still for "
                + "too long"
            : row.GetBoolean(5) ? null
            : $"publication {name} is gone from {source.Name}";
    }

    /// <summary>Drops the slot that a killed snapshot left behind, if there is one.</summary>
    /// <exception cref="CdcDmsException">Another capture uses it.</exception>
    public async Task DropAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await PositionAsync(connection, cancellationToken) is not null)
            await connection.ExecuteAsync("SELECT pg_drop_replication_slot($1)", cancellationToken, name);
    }

    /// <summary>
    /// Drops slot and publication after a snapshot that did not come to its end: the next one makes them anew, and until then the slot
    /// would hold the source's WAL for nothing.
    /// </summary>
    public async Task RemoveAsync(NpgsqlConnection connection)
    {
        try
        {
            await DropAsync(connection, CancellationToken.None);
            await connection.ExecuteAsync($"DROP PUBLICATION IF EXISTS {Sql.Identifier(name)}", CancellationToken.None);
        }
        catch (Exception fault) when (fault is CdcDmsException or NpgsqlException)
        {
            // Why the snapshot failed says more than that the source does not answer now; the next start drops what is left.
        }
    }

    /// <summary>Waits until nobody uses the slot and gives the position that it has confirmed; null when there is no slot.</summary>
    /// <exception cref="CdcDmsException">Another capture uses it.</exception>
    public async Task<NpgsqlLogSequenceNumber?> PositionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            var found = await connection
                .QueryAsync(
                    "SELECT active, coalesce(confirmed_flush_lsn, '0/0') FROM pg_replication_slots WHERE slot_name = $1",
                    row => (Active: row.GetBoolean(0), Position: row.GetFieldValue<NpgsqlLogSequenceNumber>(1)),
                    cancellationToken,
                    name)
                .ToListAsync(cancellationToken);
            if (found is not [var slot])
                return null;
            if (!slot.Active)
                return slot.Position;
            await PauseAsync(began, cancellationToken);
        }
    }

    private async Task PauseAsync(long began, CancellationToken cancellationToken)
    {
        if (clock.GetElapsedTime(began) >= Release)
            throw new CdcDmsException(
                ErrorKind.Conflict,
                $"Another capture is running over this lake: replication slot {name} of {source.Name} is in use; stop that capture first.");
        await Task.Delay(Pause, clock, cancellationToken);
    }

    /// <summary>
    /// Creates the slot, with a snapshot of the data at its start that lives until the connection's next command. Where PostgreSQL knows
    /// failover slots, it is one: a standby that synchronizes slots has it too, and the capture goes on there when it is promoted.
    /// </summary>
    public async Task<PgOutputReplicationSlot> CreateAsync(LogicalReplicationConnection connection, CancellationToken cancellationToken) =>
        connection.PostgreSqlVersion.Major >= FirstWithFailover
            ? new(await connection.CreateLogicalReplicationSlot(name, PluginWithFailover, cancellationToken: cancellationToken))
            : await connection.CreatePgOutputReplicationSlot(
                name, slotSnapshotInitMode: LogicalSlotSnapshotInitMode.Export, cancellationToken: cancellationToken);

    /// <summary>The changes committed at or after a position.</summary>
    public IAsyncEnumerable<PgOutputReplicationMessage> ReadAsync(
        LogicalReplicationConnection connection, NpgsqlLogSequenceNumber from, CancellationToken cancellationToken) =>
        connection.StartReplication(
            new PgOutputReplicationSlot(name), new PgOutputReplicationOptions(name, PgOutputProtocolVersion.V1), cancellationToken, from);
}
