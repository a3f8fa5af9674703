using CdcDms.Contract;
using Npgsql;

namespace CdcDms.Pipeline.Postgres;

/// <summary>Opens connections whose session settings cannot change a value, and tells in one sentence why one does not open.</summary>
public static class Database
{
    // Values cross as text in places (casts, fingerprints); a role's or database's own settings must not change how they read.
    private const string PinnedSession =
        """
        SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 1;
        SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET array_nulls = on; SET xmloption = content;
        SET standard_conforming_strings = on;
        """
        // An operator is found by the search path alone: without the schema of citext on it, = would compare as text.
        + """
        SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), (
            SELECT string_agg(DISTINCT quote_ident(n.nspname), ', ') FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
            WHERE n.nspname <> 'pg_catalog')), false)
        """;

    /// <summary>Opens a connection.</summary>
    /// <param name="connectionString">Npgsql's.</param>
    /// <param name="role">What the database is for us, such as <c>source</c>; it stands in the sentence.</param>
    /// <exception cref="CdcDmsException">The server does not answer, or refuses us.</exception>
    public static async Task<NpgsqlConnection> OpenAsync(string connectionString, string role, CancellationToken cancellationToken)
    {
        var settings = Settings(connectionString, role);
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await connection.ExecuteAsync(PinnedSession, cancellationToken);
            return connection;
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            await connection.DisposeAsync();
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"Cannot open the {role} database {settings.Database} at {settings.Host}:{settings.Port} as {settings.Username}: {Reason(fault)}.",
                fault);
        }
    }

    /// <summary>Does something over a connection to the analytics database, and tells in one sentence what PostgreSQL refused, or that it went away.</summary>
    /// <param name="connectionString">Npgsql's.</param>
    /// <param name="failure">What then did not happen to which table; the reason is added to it.</param>
    /// <param name="work">What to do.</param>
    /// <exception cref="CdcDmsException">It cannot be done.</exception>
    internal static async Task<T> WithAnalyticsAsync<T>(
        string connectionString, string failure, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(connectionString, "analytics", cancellationToken);
            return await work(connection);
        }
        catch (NpgsqlException fault)
        {
            throw PostgresFault.Tell(fault, failure);
        }
    }

    private static NpgsqlConnectionStringBuilder Settings(string connectionString, string role)
    {
        try
        {
            // A statement takes as long as it takes: the caller's cancellation is the limit.
            return new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 0, IncludeErrorDetail = true };
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new CdcDmsException(ErrorKind.BadDefinition, $"The connection string of the {role} database cannot be read: {fault.Message.TrimEnd('.')}.", fault);
        }
    }

    private static string Reason(Exception fault) => fault switch
    {
        PostgresException refused => refused.MessageText,
        { InnerException: { } inner } => inner.Message.TrimEnd('.'),
        _ => fault.Message.TrimEnd('.'),
    };
}
