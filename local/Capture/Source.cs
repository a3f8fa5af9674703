using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using Npgsql;
using Npgsql.Replication;

namespace CdcDms.Local.Capture;

/// <summary>The source database: how it is reached, and how its texts look.</summary>
internal sealed class Source
{
    // A value has one text, in the snapshot and in the stream. ISO 8601 is the interval style that reads without knowing singular from
    // plural.
    private static readonly PinnedSession Session = new() { IntervalStyle = "iso_8601" };

    private const string WithoutTimeouts = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c lock_timeout=0";

    // By the version of PostgreSQL that has brought them: an older server refuses a setting that it does not know.
    private static readonly (int Since, string Name)[] LaterTimeouts = [(14, "idle_session_timeout"), (17, "transaction_timeout")];

    private const int ReadBufferBytes = 1 << 16;

    private readonly NpgsqlConnectionStringBuilder _settings;

    public Source(string connection)
    {
        var settings = ConnectionText.Parse(connection, "of the source database");
        settings.Options = $"{settings.Options} {Session.Options} {WithoutTimeouts}".Trim();
        settings.ApplicationName ??= "cdcdms capture";
        settings.CommandTimeout = 0;
        // Each connection lives as long as the capture or its snapshot.
        settings.Pooling = false;
        // Rows come as fast as they are read.
        settings.ReadBufferSize = Math.Max(settings.ReadBufferSize, ReadBufferBytes);
        _settings = settings;
        Name = $"{settings.Host}:{settings.Port}/{settings.Database}";
    }

    /// <summary>The source in a sentence: host, port and database.</summary>
    public string Name { get; }

    /// <summary>Opens a connection for queries.</summary>
    /// <exception cref="CdcDmsException">The server does not answer, or refuses us.</exception>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await Database.OpenAsync(_settings.ConnectionString, "source", Session, cancellationToken);
        foreach (var (_, name) in LaterTimeouts.Where(timeout => connection.PostgreSqlVersion.Major >= timeout.Since))
        {
            await connection.ExecuteAsync($"SET {name} = 0", cancellationToken);
            if (!_settings.Options!.Contains(name, StringComparison.Ordinal))
                _settings.Options += $" -c {name}=0";
        }

        return connection;
    }

    /// <summary>Opens a connection for the slot, after one for queries, which has learned what the server knows.</summary>
    public async Task<LogicalReplicationConnection> OpenReplicationAsync(CancellationToken cancellationToken)
    {
        var connection = new LogicalReplicationConnection(_settings.ConnectionString);
        try
        {
            await connection.Open(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A failure of the server or of the way to it, in one sentence.</summary>
    /// <param name="fault">What Npgsql threw.</param>
    /// <param name="then">What a capture does that is started again.</param>
    public CdcDmsException Failed(NpgsqlException fault, string then)
    {
        // Npgsql takes the end of a stream, which only a server that stops in an orderly way sends, for a fault of its own.
        var words = fault.Message.Contains("CommandComplete while expecting CopyData", StringComparison.Ordinal)
            ? "it ended the stream, as a server does that is stopped or restarted"
            : (fault is PostgresException told ? told.MessageText : fault.InnerException?.Message ?? fault.Message).TrimEnd('.');
        return new CdcDmsException(
            ErrorKind.Unavailable,
            $"The source {Name} failed: {words}. Cure that and start the capture again; {then}.",
            fault);
    }
}
