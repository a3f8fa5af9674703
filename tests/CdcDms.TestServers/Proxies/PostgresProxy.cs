using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using CdcDms.Local.Services;
using Npgsql;

namespace CdcDms.Testing.Proxies;

/// <summary>
/// Stands between a program and PostgreSQL and numbers the points at which the program may die: before each statement, in the middle of
/// the data of a COPY, and before the data's end. It can stop at one of them and hold it, so that a test sees exactly
/// what others see at that moment. Outside of a transaction, moments with nothing but reading between them are one point.
/// </summary>
public sealed class PostgresProxy : LoopbackProxy
{
    private const int SslRequest = 80877103, GssEncryptionRequest = 80877104;

    private readonly StopAt? _stop;
    private int _points;
    private readonly TaskCompletionSource<CrashPoint> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PostgresProxy(EmbeddedPostgres server, StopAt? stop) : base(server.Port) => _stop = stop;

    /// <summary>Ends when the program is held at the point.</summary>
    public Task<CrashPoint> Stopped => _stopped.Task;

    /// <summary>Starts one; without a place to stop at it passes everything on.</summary>
    public static PostgresProxy Start(EmbeddedPostgres server, StopAt? stop = null) => new(server, stop);

    /// <summary>A connection string that leads through the proxy.</summary>
    public string Through(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Port = Port }.ConnectionString;

    private protected override async Task PassAsync(Socket client, Socket server, CancellationToken end)
    {
        await using var near = new NetworkStream(client);
        await using var far = new NetworkStream(server);
        await StartSessionAsync(near, far, end);
        var session = new Session(((IPEndPoint)server.LocalEndPoint!).Port);
        await await Task.WhenAny(AskAsync(near, far, session, end), AnswerAsync(near, far, session, end));
    }

    private static async Task StartSessionAsync(NetworkStream near, NetworkStream far, CancellationToken end)
    {
        var start = await PostgresMessage.ReadBodyAsync(near, end);
        // Encryption is declined, so that the messages can be read.
        while (BinaryPrimitives.ReadInt32BigEndian(start) is SslRequest or GssEncryptionRequest)
        {
            await near.WriteAsync("N"u8.ToArray(), end);
            start = await PostgresMessage.ReadBodyAsync(near, end);
        }

        await far.WriteAsync(PostgresMessage.Framed(start), end);
    }

    private async Task AskAsync(NetworkStream near, NetworkStream far, Session session, CancellationToken end)
    {
        while (true)
        {
            var message = await PostgresMessage.ReadAsync(near, end);
            if (Point(message, session) is { } point && _stop?.Takes(point) == true && !_stopped.Task.IsCompleted)
            {
                if (!_stop.Answered)
                {
                    if (message.Type == PostgresMessage.CopyData)
                        await (message with { Body = message.Body[..(message.Body.Length / 2)] }).WriteAsync(far, end);
                    _stopped.SetResult(point);
                    // The program's end is still noticed.
                    await near.CopyToAsync(Stream.Null, end);
                    return;
                }

                session.Withheld = point;
            }

            await message.WriteAsync(far, end);
        }
    }

    private async Task AnswerAsync(NetworkStream near, NetworkStream far, Session session, CancellationToken end)
    {
        while (true)
        {
            var message = await PostgresMessage.ReadAsync(far, end);
            if (session.Withheld is not { } point)
                await message.WriteAsync(near, end);
            else if (message.Type == PostgresMessage.ReadyForQuery)
                _stopped.TrySetResult(point);
        }
    }

    private CrashPoint? Point(PostgresMessage message, Session session)
    {
        string what;
        switch (message.Type)
        {
            case PostgresMessage.Query or PostgresMessage.Parse:
                if (!session.Begin(message.Sql))
                    return null;
                what = $"before '{session.Sql}'";
                break;
            case PostgresMessage.CopyData when !session.InCopy:
                session.InCopy = true;
                what = $"in the data of '{session.Sql}'";
                break;
            case PostgresMessage.CopyDone:
                what = $"after the data of '{session.Sql}'";
                break;
            default:
                return null;
        }

        return new CrashPoint(
            Interlocked.Increment(ref _points), what, session.Commits, message.Type == PostgresMessage.CopyData, session.Port);
    }

    private sealed class Session(int port)
    {
        private bool _inTransaction;

        public int Port { get; } = port;

        public string Sql { get; private set; } = "";

        public bool InCopy { get; set; }

        public bool Commits => Starts("COMMIT");

        /// <summary>The point whose answer, and any later one, is not passed on.</summary>
        public volatile CrashPoint? Withheld;

        /// <summary>Notes that a statement is next; false when the moment before it is the same point as an earlier one.</summary>
        public bool Begin(string sql)
        {
            var isPoint = _inTransaction || !(Starts("SELECT") || Starts("SET") || Starts("DISCARD"));
            (Sql, InCopy) = (sql, false);
            _inTransaction = Starts("BEGIN") || (_inTransaction && !Commits && !Starts("ROLLBACK"));
            return isPoint;
        }

        private bool Starts(string word) => Sql.StartsWith(word, StringComparison.OrdinalIgnoreCase);
    }
}
