using System.Numerics;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>Reads and writes one table's part of the ledger, in whatever transaction the connection has.</summary>
internal sealed class TableLedger
{
    // First half of the advisory lock of a target table; the second is the table's number.
    private const int LockClass = 0x4364_6344;

    private static readonly string[] OfTable =
        ["files", "generations", "rejected_files", "quarantine", "proofs", "sampled_keys", "unproven", "comparisons"];

    private readonly NpgsqlConnection _connection;
    private readonly TableName _target;

    private TableLedger(NpgsqlConnection connection, TableName target, int id)
    {
        _connection = connection;
        _target = target;
        Id = id;
        Files = new FileLedger(connection, id);
        Attempts = new AttemptLedger(connection, id);
        Lease = new LeaseLedger(connection, id);
        Generations = new GenerationLedger(connection, id);
        Proofs = new ProofLedger(connection, id);
        Unproven = new UnprovenLedger(connection, id);
        Comparison = new ComparisonLedger(connection, id);
    }

    /// <summary>The table's files.</summary>
    public FileLedger Files { get; }

    /// <summary>The table's batches that have begun.</summary>
    public AttemptLedger Attempts { get; }

    /// <summary>Which execution merges the table.</summary>
    public LeaseLedger Lease { get; }

    /// <summary>The generations whose rows the target may hold.</summary>
    public GenerationLedger Generations { get; }

    /// <summary>The table's proofs.</summary>
    public ProofLedger Proofs { get; }

    /// <summary>What makes the table unproven.</summary>
    public UnprovenLedger Unproven { get; }

    /// <summary>A comparison of the whole table that goes on.</summary>
    public ComparisonLedger Comparison { get; }

    /// <summary>The table's number in the ledger.</summary>
    public int Id { get; }

    /// <summary>The table that holds the tombstones of this target, in the schema <c>cdc</c>.</summary>
    public TableName Tombstones => TombstonesOf(Id);

    /// <summary>Finds the table's part of the ledger; null where there is none.</summary>
    public static async Task<TableLedger?> FindAsync(NpgsqlConnection connection, TableName target, CancellationToken cancellationToken) =>
        await LedgerSchema.UpgradeAsync(connection, cancellationToken)
            && await IdAsync(connection, target, cancellationToken) is { } id ? new TableLedger(connection, target, id) : null;

    /// <summary>Whether targets were filled, and none of them from a lake.</summary>
    public static async Task<bool> AreAllOfOtherLakesAsync(
        NpgsqlConnection connection, LakeUri lake, CancellationToken cancellationToken) =>
        await LedgerSchema.UpgradeAsync(connection, cancellationToken) && await connection.ScalarAsync<bool>(
            "SELECT coalesce(bool_and(lake <> $1), false) FROM cdc.tables", cancellationToken, lake.ToString());

    /// <summary>Finds the table's part of the ledger, or makes it.</summary>
    public static async Task<TableLedger> OpenAsync(NpgsqlConnection connection, TableName target, CancellationToken cancellationToken)
    {
        await LedgerSchema.EnsureAsync(connection, cancellationToken);
        if (await IdAsync(connection, target, cancellationToken) is { } known)
            return new TableLedger(connection, target, known);
        await connection.ExecuteAsync(
            "INSERT INTO cdc.tables (target_schema, target_name) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            cancellationToken, target.Schema, target.Name);
        return new TableLedger(connection, target, (await IdAsync(connection, target, cancellationToken))!.Value);
    }

    /// <summary>
    /// The statements that forget what was applied to a target that is gone: the table that takes its place is filled from the whole lake.
    /// </summary>
    public static async Task<IReadOnlyList<string>> ForgettingAsync(
        NpgsqlConnection connection, TableName target, CancellationToken cancellationToken) =>
        await FindAsync(connection, target, cancellationToken) is { Id: var id } ? Forgetting(id) : [];

    /// <inheritdoc cref="ForgettingAsync"/>
    /// <param name="id">The target's number in the ledger.</param>
    public static IReadOnlyList<string> Forgetting(int id) =>
    [
        .. OfTable.Select(name => $"DELETE FROM cdc.{name} WHERE table_id = {id}"),
        $"DROP TABLE IF EXISTS {Sql.Identifier(TombstonesOf(id))}",
        $"""
        UPDATE cdc.tables SET lake = NULL, floor = 0, purge_floor = 0, has_older_rows = false,
            drained_at = NULL, swept_at = NULL, listed_until = NULL, restarts = restarts + 1, loads_accepted_at = NULL,
            seen_columns = DEFAULT, absent_columns = DEFAULT, register_columns = DEFAULT, parked_at = NULL, parked_cause = NULL,
            proven_at = NULL, proven_generation = NULL
        WHERE id = {id}
        """,
    ];

    /// <summary>Locks the target until the transaction ends.</summary>
    /// <param name="shared">True for rows that only fill gaps: such batches may run side by side.</param>
    /// <exception cref="CdcDmsException">Others hold it for longer than two minutes (<see cref="ErrorKind.Unavailable"/>).</exception>
    public async Task LockAsync(bool shared, CancellationToken cancellationToken)
    {
        try
        {
            await _connection.ExecuteTogetherAsync([new(LockWait.Patiently), Lock(shared), new(LockWait.AsBefore)], cancellationToken);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"{_target} was left as it is: another merge, proof or alteration holds the table; run this again once that has ended.",
                fault);
        }
    }

    /// <summary>The statement that locks the target until the transaction ends.</summary>
    /// <param name="shared">True for rows that only fill gaps: such batches may run side by side.</param>
    public Statement Lock(bool shared) =>
        new(shared ? "SELECT pg_advisory_xact_lock_shared($1, $2)" : "SELECT pg_advisory_xact_lock($1, $2)", LockClass, Id);

    /// <summary>The table's record as it is now.</summary>
    public async Task<TableRecord> ReadAsync(CancellationToken cancellationToken)
    {
        var generations = await Generations.ReadAsync(cancellationToken);
        return await _connection.SingleAsync(
            """
            SELECT floor, drained_at, swept_at, seen_columns::text, parked_cause, loads_accepted_at, purge_floor, has_older_rows, lake,
                (SELECT max(m.stored_at) FROM cdc.markers m WHERE m.lake = t.lake AND m.prompt), restarts, absent_columns, register_columns
            FROM cdc.tables t WHERE id = $1
            """,
            row => new TableRecord
            {
                Floor = row.GetFieldValue<BigInteger>(0),
                DrainedUtc = row.IsDBNull(1) ? null : row.GetDateTime(1),
                SweptUtc = row.IsDBNull(2) ? null : row.GetDateTime(2),
                SeenColumns = JsonSerializer.Deserialize(row.GetString(3), LedgerJson.Default.DictionaryStringString)!,
                ParkedCause = row.IsDBNull(4) ? null : row.GetString(4),
                LoadsAcceptedUtc = row.IsDBNull(5) ? null : row.GetDateTime(5),
                PurgeFloor = row.GetFieldValue<BigInteger>(6),
                HasOlderRows = row.GetBoolean(7),
                Lake = row.IsDBNull(8) ? null : row.GetString(8),
                LakeUtc = row.IsDBNull(9) ? null : row.GetDateTime(9),
                Restarts = row.GetInt32(10),
                AbsentColumns = row.GetFieldValue<string[]>(11).ToHashSet(),
                RegisterPlaces = new RegisterPlaces(row.GetFieldValue<string[]>(12)),
                Generations = generations,
            },
            cancellationToken, Id);
    }

    /// <summary>Records the columns that files had, and their types; and which of them the newest files lack, or have again.</summary>
    public Statement Seen(IReadOnlyDictionary<string, string> columns, IEnumerable<string> gone, IEnumerable<string> back) => new(
        """
        UPDATE cdc.tables SET seen_columns = seen_columns || jsonb_object($2::text[], $3::text[]),
            absent_columns = ARRAY(SELECT unnest(absent_columns || $4::text[]) EXCEPT SELECT unnest($5::text[]))
        WHERE id = $1
        """,
        Id, columns.Keys.ToArray(), columns.Values.ToArray(), gone.ToArray(), back.ToArray());

    /// <summary>Parks the table: nothing is merged into it until it is resumed. The first cause stays.</summary>
    public Task ParkAsync(string cause, CancellationToken cancellationToken) =>
        _connection.ExecuteAsync(
            "UPDATE cdc.tables SET parked_at = clock_timestamp(), parked_cause = $2 WHERE id = $1 AND parked_cause IS NULL",
            cancellationToken, Id, cause);

    /// <summary>Records that all files of a listing are applied, unless the table was to be listed again meanwhile.</summary>
    /// <param name="mayBeProven">Whether it is told, before proofs become due, that a generation has begun that is not proven.</param>
    public async Task DrainedAsync(Listing listing, bool mayBeProven, CancellationToken cancellationToken)
    {
        if (mayBeProven)
            await _connection.ExecuteTogetherAsync([Unproven.MarkGeneration], cancellationToken);
        var isRecorded = await _connection.ExecuteAsync(
            """
            UPDATE cdc.tables SET drained_at = $2, swept_at = CASE WHEN $3 THEN $2 ELSE swept_at END,
                listed_until = greatest(listed_until, $4::timestamptz)
            WHERE id = $1 AND restarts = $5
            """,
            cancellationToken, Id, listing.ListedUtc, listing.Whole, listing.LakeUtc, listing.Restarts) > 0;
        if (isRecorded)
            await Generations.DrainedAsync(listing.NewestFolders, cancellationToken);
    }

    private static TableName TombstonesOf(int id) => new("cdc", $"tombstones_{id}");

    private static async Task<int?> IdAsync(NpgsqlConnection connection, TableName target, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "SELECT id FROM cdc.tables WHERE target_schema = $1 AND target_name = $2",
            row => (int?)row.GetInt32(0), cancellationToken, target.Schema, target.Name).SingleOrDefaultAsync(cancellationToken);
}
