using Npgsql;

namespace CdcDms.Pipeline.Postgres;

/// <summary>Lets one program at a time create schemas and tables: <c>IF NOT EXISTS</c> alone fails when two do it at once.</summary>
internal static class CreationLock
{
    /// <summary>The advisory lock: any number that no other program is likely to take.</summary>
    public const long Number = 0x4364_6344_6d73_0001;

    /// <summary>Runs statements in a transaction of their own, alone.</summary>
    public static async Task ExecuteAsync(NpgsqlConnection connection, string statements, CancellationToken cancellationToken)
    {
        // What this session looked up before it waited may be cached as missing. Reading a catalog takes a lock on it, and with
        // a lock PostgreSQL takes notice of what others have created (AcceptInvalidationMessages).
        // All in one message and its implicit transaction, so that no lock of a table is held for longer than the statements take, also
        // when the program dies between two of them.
        await connection.ExecuteAsync(
            $"SELECT pg_advisory_xact_lock({Number}); SELECT FROM pg_catalog.pg_namespace LIMIT 0; {statements}", cancellationToken);
    }
}
