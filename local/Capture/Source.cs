using CdcDms.Contract;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>The source database: how it is reached, and how its texts look.</summary>
internal sealed class Source
{
    // One value has one text, in the snapshot and in the stream, whatever the server's or the role's own settings say.
    private const string Pinned =
        "-c DateStyle=ISO -c IntervalStyle=iso_8601 -c TimeZone=UTC -c extra_float_digits=3 -c bytea_output=hex -c lc_monetary=C"
        + " -c statement_timeout=0 -c idle_in_transaction_session_timeout=0";

    private readonly NpgsqlConnectionStringBuilder _settings;

    public Source(string connection)
    {
        try
        {
            _settings = new NpgsqlConnectionStringBuilder(connection);
        }
        catch (ArgumentException fault)
        {
            throw new CdcDmsException(ErrorKind.BadDefinition, $"The source's connection string is wrong: {fault.Message}", fault);
        }

        _settings.Options = $"{_settings.Options} {Pinned}".Trim();
        _settings.CommandTimeout = 0;
        _settings.ApplicationName ??= "cdcdms capture";
        // Each connection lives as long as the capture or the snapshot.
        _settings.Pooling = false;
        Name = $"{_settings.Host}:{_settings.Port}/{_settings.Database}";
    }

    /// <summary>The connection string with the pinned settings.</summary>
    public string ConnectionString => _settings.ConnectionString;

    /// <summary>The source in a sentence: host, port and database.</summary>
    public string Name { get; }

    /// <exception cref="CdcDmsException">The server is not there or refuses us.</exception>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch (Exception fault) when (fault is NpgsqlException or System.Net.Sockets.SocketException or TimeoutException)
        {
            await connection.DisposeAsync();
            throw new CdcDmsException(ErrorKind.Unavailable,
                $"The source {Name} cannot be opened: {Words(fault)}. Check the server, the user and the password.", fault);
        }
    }

    /// <summary>A failure of the server or of the way to it, in one sentence.</summary>
    public CdcDmsException Failed(NpgsqlException fault) =>
        new(ErrorKind.Unavailable, $"The source {Name} failed: {Words(fault)}. Start the capture again; it goes on where its checkpoint stands.", fault);

    private static string Words(Exception fault) =>
        (fault is PostgresException told ? told.MessageText : fault.InnerException?.Message ?? fault.Message).TrimEnd('.');
}
