using System.Buffers.Binary;
using System.Text;

namespace CdcDms.Testing.Proxies;

/// <summary>A message of PostgreSQL's protocol 3 after the start of a session (PostgreSQL documentation, "Message Formats").</summary>
/// <param name="Type">Its first byte.</param>
/// <param name="Body">What follows the length.</param>
internal sealed record PostgresMessage(char Type, byte[] Body)
{
    public const char Query = 'Q', Parse = 'P', CopyData = 'd', CopyDone = 'c', ReadyForQuery = 'Z';

    private const int LengthBytes = 4;

    /// <summary>The statement of a Query or Parse, on one line.</summary>
    public string Sql
    {
        get
        {
            // A Parse begins with the name of the prepared statement; texts end with a zero byte.
            var text = Encoding.UTF8.GetString(Body).Split('\0')[Type == Parse ? 1 : 0];
            return string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }
    }

    public static async Task<PostgresMessage> ReadAsync(Stream stream, CancellationToken end)
    {
        var type = new byte[1];
        await stream.ReadExactlyAsync(type, end);
        return new PostgresMessage((char)type[0], await ReadBodyAsync(stream, end));
    }

    /// <summary>Reads a length and what it announces; a session's first message has no type before it.</summary>
    public static async Task<byte[]> ReadBodyAsync(Stream stream, CancellationToken end)
    {
        var length = new byte[LengthBytes];
        await stream.ReadExactlyAsync(length, end);
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(length) - LengthBytes];
        await stream.ReadExactlyAsync(body, end);
        return body;
    }

    public ValueTask WriteAsync(Stream stream, CancellationToken end) => stream.WriteAsync((byte[])[(byte)Type, .. Framed(Body)], end);

    /// <summary>A body with its length before it.</summary>
    public static byte[] Framed(byte[] body)
    {
        var framed = new byte[LengthBytes + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, framed.Length);
        body.CopyTo(framed, LengthBytes);
        return framed;
    }
}
