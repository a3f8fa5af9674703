using CdcDms.Contract;
using Npgsql;

namespace CdcDms.Pipeline.Postgres;

/// <summary>Opens connections whose session settings cannot change a value, and tells in one sentence why one does not open.</summary>
public static class Database
{
    // An operator is found by the search path alone: without the schema of citext in the path, = would compare as text.
    private const string ExtensionsOnSearchPath = """
        SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), (
            SELECT string_agg(DISTINCT quote_ident(n.nspname), ', ')
            FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
            WHERE n.nspname <> 'pg_catalog')), false)
        """;

    /// <summary>Opens a connection.</summary>
    /// <param name="connectionString">Npgsql's keywords and values.</param>
    /// <param name="role">What the database is for the pipeline, such as <c>source</c>; for the sentence.</param>
    /// <exception cref="CdcDmsException">
    /// The server does not answer, refuses the role, or is none that the pipeline works with (<see cref="SupportedServer"/>).
    /// </exception>
    public static Task<NpgsqlConnection> OpenAsync(string connectionString, string role, CancellationToken cancellationToken) =>
        OpenAsync(connectionString, role, PinnedSession.Default, cancellationToken);

    /// <inheritdoc cref="OpenAsync(string, string, CancellationToken)"/>
    /// <param name="session">The session's settings.</param>
    public static async Task<NpgsqlConnection> OpenAsync(
        string connectionString, string role, PinnedSession session, CancellationToken cancellationToken)
    {
        var settings = ConnectionText.Parse(connectionString, $"of the {role} database");
        // A statement takes as long as it takes: the caller's cancellation is the limit.
        settings.CommandTimeout = 0;
        settings.IncludeErrorDetail = true;
        (var options, settings.Options) = SessionOptions.Split(settings.Options);
        var connection = new NpgsqlConnection();
        try
        {
            connection.ConnectionString = settings.ConnectionString;
            await connection.OpenAsync(cancellationToken);
            SupportedServer.Check(connection, role);
            await connection.ExecuteAsync(options + session.Statements + ExtensionsOnSearchPath, cancellationToken);
            return connection;
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException
            // Settings that cannot be read or do not fit together, and files of certificates.
            or ArgumentException or FormatException or IOException or UnauthorizedAccessException
            or System.Security.Cryptography.CryptographicException)
        {
            await connection.DisposeAsync();
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"Cannot open the {role} database {settings.Database ?? settings.Username} at {settings.Host}:{settings.Port} as "
                + $"{settings.Username}: {Reason(fault)}.",
                fault);
        }
        catch (CdcDmsException)
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens source and analytics; where neither opens, both are told.</summary>
    /// <inheritdoc cref="OpenAsync(string, string, CancellationToken)" path="/exception"/>
    internal static async Task<(NpgsqlConnection Source, NpgsqlConnection Analytics)> OpenBothAsync(
        string sourceConnection, string targetConnection, CancellationToken cancellationToken)
    {
        Task<NpgsqlConnection>[] opening =
        [
            OpenAsync(sourceConnection, "source", cancellationToken), OpenAsync(targetConnection, "analytics", cancellationToken),
        ];
        try
        {
            await Task.WhenAll(opening);
            return (await opening[0], await opening[1]);
        }
        catch
        {
            foreach (var opened in opening.Where(side => side.IsCompletedSuccessfully))
                await (await opened).DisposeAsync();
            var faults = opening.Select(side => side.Exception?.InnerException).OfType<CdcDmsException>().ToList();
            if (faults.Count < 2)
                throw;
            throw new CdcDmsException(faults[0].Kind, string.Join(' ', faults.Select(fault => fault.Message)), faults[0]);
        }
    }

    /// <summary>
    /// Works over a connection to the analytics database, and tells in one sentence what PostgreSQL refused, or that the connection was
    /// lost.
    /// </summary>
    /// <param name="connectionString">Npgsql's keywords and values.</param>
    /// <param name="failure">What did not happen to which table when the work fails; the reason is added.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="CdcDmsException">The database cannot be opened, refused the work or went away.</exception>
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

    private static string Reason(Exception fault) => fault switch
    {
        PostgresException refused => refused.MessageText.TrimEnd('.') + Cure(refused.SqlState),
        _ when NoAnswer(fault) => $"{(fault.InnerException ?? fault).Message.TrimEnd('.')}; check that the server runs, Host and Port, and "
            + "whether the network lets this machine through",
        { InnerException: { } inner } => inner.Message.TrimEnd('.'),
        _ => fault.Message.TrimEnd('.'),
    };

    private static bool NoAnswer(Exception fault) =>
        (fault.InnerException ?? fault) is System.Net.Sockets.SocketException or TimeoutException;

    private static string Cure(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.InvalidPassword => "; correct Username and Password",
        PostgresErrorCodes.InvalidAuthorizationSpecification => "; correct Username, or let it in (pg_hba.conf)",
        PostgresErrorCodes.InvalidCatalogName => "; correct Database, or create it",
        PostgresErrorCodes.InsufficientPrivilege => "; GRANT CONNECT on the database to the role",
        PostgresErrorCodes.TooManyConnections => "; end other sessions, or raise max_connections",
        PostgresErrorCodes.CannotConnectNow => "; try again in a moment",
        _ => "",
    };
}
