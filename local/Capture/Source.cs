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

    private const string WithoutTimeouts =
        "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0";

    private readonly string _connection;

    public Source(string connection)
    {
        var settings = ConnectionText.Parse(connection, "of the source database");
        settings.Options = $"{settings.Options} {Session.Options} {WithoutTimeouts}".Trim();
        settings.ApplicationName ??= "cdcdms capture";
        settings.CommandTimeout = 0;
        // Each connection lives as long as the capture or its snapshot.
        settings.Pooling = false;
        _connection = settings.ConnectionString;
        Name = $"{settings.Host}:{settings.Port}/{settings.Database}";
    }

    /// <summary>The source in a sentence: host, port and database.</summary>
    public string Name { get; }

    /// <summary>Opens a connection for queries.</summary>
    /// <exception cref="CdcDmsException">The server does not answer, or refuses us.</exception>
    public Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        Database.OpenAsync(_connection, "source", Session, cancellationToken);

    /// <summary>Opens a connection for the slot.</summary>
    public async Task<LogicalReplicationConnection> OpenReplicationAsync(CancellationToken cancellationToken)
    {
        var connection = new LogicalReplicationConnection(_connection);
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
    public CdcDmsException Failed(NpgsqlException fault)
    {
        var words = (fault is PostgresException told ? told.MessageText : fault.InnerException?.Message ?? fault.Message).TrimEnd('.');
        return new CdcDmsException(
            ErrorKind.Unavailable,
            $"The source {Name} failed: {words}. Cure that and start the capture again; it goes on from its checkpoint.",
            fault);
    }
}
