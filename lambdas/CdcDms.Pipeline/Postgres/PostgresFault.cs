using CdcDms.Contract;
using Npgsql;

namespace CdcDms.Pipeline.Postgres;

/// <summary>Tells what PostgreSQL refused, or that it went away, as one sentence of ours.</summary>
internal static class PostgresFault
{
    // PostgreSQL's function that refuses a table whose policies would hide rows (row_security = off, src/backend/utils/misc/rls.c).
    private const string HiddenRows = "check_enable_rls";

    // PostgreSQL's functions that end a standby's statement or session for what is to be replayed (src/backend/tcop/postgres.c): the one
    // since PostgreSQL 16, the other before.
    private static readonly string[] EndsForReplay = ["ProcessRecoveryConflictInterrupt", "ProcessInterrupts"];

    /// <summary>The failure of something that did not happen.</summary>
    /// <param name="fault">What Npgsql threw.</param>
    /// <param name="what">What did not happen to which table; the reason is added to it.</param>
    public static CdcDmsException Tell(NpgsqlException fault, string what) => fault is PostgresException refused
        ? new CdcDmsException(Kind(refused.SqlState), $"{what}: {Sentence(refused)}.", fault)
        // What the server had to say is lost with the connection when we were the ones who wrote.
        : new CdcDmsException(
            ErrorKind.Unavailable,
            $"{what}: the connection to the database was lost ({fault.Message.TrimEnd('.')}); the server's log says why if the server "
            + "ended it, as it does at a restart or by transaction_timeout.",
            fault);

    /// <summary>Whether a fault may be over at the next try: the same faults that callers try again.</summary>
    public static bool MayPass(Exception fault) => fault switch
    {
        PostgresException refused => Kind(refused.SqlState) is ErrorKind.Unavailable or ErrorKind.Conflict,
        NpgsqlException => true,
        CdcDmsException told => told.Kind is ErrorKind.Unavailable or ErrorKind.Conflict,
        _ => false,
    };

    /// <summary>PostgreSQL's message with its detail and what cures it, without the full stop.</summary>
    public static string Sentence(PostgresException fault) =>
        fault.MessageText.TrimEnd('.') + (fault.Detail is { } detail ? $" ({detail.TrimEnd('.')})" : "") + Cure(fault);

    private static string Cure(PostgresException fault) => fault switch
    {
        { Routine: HiddenRows } => "; give the role BYPASSRLS, or the table without FORCE ROW LEVEL SECURITY",
        { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected, Routine: { } routine }
            when EndsForReplay.Contains(routine) =>
            "; the standby ended the read for what it had to replay: try again, and if that happens again, set hot_standby_feedback = on "
            + "there, or max_standby_streaming_delay to longer than a read takes",
        { SqlState: PostgresErrorCodes.InsufficientPrivilege } => "; GRANT it to the role, or connect as the role that owns it",
        { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } =>
            "; connect to the primary server, as a role without default_transaction_read_only",
        _ => "",
    };

    /// <summary>
    /// Whether PostgreSQL refuses a value (classes 22, 23), one that is too large for an index (54), or one that its type cannot read.
    /// </summary>
    public static bool IsOfData(PostgresException fault) =>
        fault.SqlState[..2] is "22" or "23" or "54" || (fault.Position == 0 && IsOfReading(fault.SqlState));

    // Some types (tsvector, jsonpath, ltree, regclass) tell a value that they cannot read as if it were a statement, but without a place in
    // one. A function in a check refuses a value by raising an exception.
    private static bool IsOfReading(string sqlState) => sqlState
        is PostgresErrorCodes.SyntaxError
        or PostgresErrorCodes.UndefinedObject
        or PostgresErrorCodes.UndefinedTable
        or PostgresErrorCodes.UndefinedFunction
        or PostgresErrorCodes.InvalidSchemaName
        or PostgresErrorCodes.RaiseException;

    // PostgreSQL documentation, appendix "PostgreSQL Error Codes": the first two characters are the class.
    private static ErrorKind Kind(string sqlState) => (sqlState[..2], sqlState) switch
    {
        ("40", _) => ErrorKind.Conflict,
        ("08" or "25" or "28" or "53" or "55" or "57" or "58" or "XX", _) => ErrorKind.Unavailable,
        (_, PostgresErrorCodes.InsufficientPrivilege) => ErrorKind.Unavailable,
        _ => ErrorKind.BadData,
    };
}
