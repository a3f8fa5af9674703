using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using Npgsql;
using Npgsql.Replication;

namespace CdcDms.Local.Capture;

/// <summary>The source database: how it is reached, and how its texts look.</summary>
internal sealed class Source
{
    // A value has one text, in the snapshot and in the stream, whatever the server's or the role's own settings say.
    // ISO 8601 is the interval style that reads without knowing singular from plural.
    private const string IntervalStyle = "iso_8601";

    private const string Pinned =
        $"-c DateStyle=ISO -c IntervalStyle={IntervalStyle} -c TimeZone=UTC -c extra_float_digits=1 -c bytea_output=hex -c lc_monetary=C"
        + " -c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0";

    private readonly string _connection;

    public Source(string connection)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connection);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new CdcDmsException(ErrorKind.BadDefinition, $"The connection string of the source database cannot be read: {fault.Message.TrimEnd('.')}.", fault);
        }

        settings.Options = $"{settings.Options} {Pinned}".Trim();
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
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await Database.OpenAsync(_connection, "source", cancellationToken);
        // Database pins the style that the pipeline reads; the capture's own is the stream's.
        await connection.ExecuteAsync($"SET IntervalStyle = '{IntervalStyle}'", cancellationToken);
        return connection;
    }

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
        return new CdcDmsException(ErrorKind.Unavailable, $"The source {Name} failed: {words}. Cure that and start the capture again; it goes on from its checkpoint.", fault);
    }
}
