using CdcDms.Contract;
using Npgsql;

namespace CdcDms.Pipeline.Postgres;

/// <summary>Tells what PostgreSQL refused, or that it went away, as one sentence of ours.</summary>
public static class PostgresFault
{
    /// <summary>The failure of something that did not happen.</summary>
    /// <param name="fault">What Npgsql threw.</param>
    /// <param name="what">What did not happen to which table; the reason is added to it.</param>
    public static CdcDmsException Tell(NpgsqlException fault, string what) => fault is PostgresException refused
        ? new CdcDmsException(Kind(refused.SqlState), $"{what}: {PostgresWords.Told(refused)}.", fault)
        // What the server had to say is lost with the connection when we were the ones who wrote.
        : new CdcDmsException(
            ErrorKind.Unavailable,
            $"{what}: the connection to the database was lost ({fault.Message.TrimEnd('.')}); the server's log says why if the server "
            + "ended it, as it does at a restart or by transaction_timeout.",
            fault);

    /// <summary>Whether a fault may be over at the next try: the same faults that callers try again.</summary>
    internal static bool MayPass(Exception fault) => fault switch
    {
        PostgresException refused => Kind(refused.SqlState) is ErrorKind.Unavailable or ErrorKind.Conflict,
        NpgsqlException => true,
        CdcDmsException told => told.Kind is ErrorKind.Unavailable or ErrorKind.Conflict,
        _ => false,
    };

    /// <summary>
    /// Whether PostgreSQL refuses a value (classes 22, 23), one that is too large for an index (54), or one that its type cannot read.
    /// </summary>
    internal static bool IsOfData(PostgresException fault) =>
        fault.SqlState[..2] is "22" or "23" or "54" || PostgresWords.IsOfReading(fault);

    // PostgreSQL documentation, appendix "PostgreSQL Error Codes": the first two characters are the class.
    private static ErrorKind Kind(string sqlState) => (sqlState[..2], sqlState) switch
    {
        ("40", _) => ErrorKind.Conflict,
        ("08" or "25" or "28" or "53" or "55" or "57" or "58" or "XX", _) => ErrorKind.Unavailable,
        (_, PostgresErrorCodes.InsufficientPrivilege) => ErrorKind.Unavailable,
        _ => ErrorKind.BadData,
    };
}
