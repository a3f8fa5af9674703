using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using CdcDms.Local.Services;

namespace CdcDms.Testing.Proxies;

/// <summary>What is done to the first fetch of a Parquet file.</summary>
public enum FetchFault
{
    /// <summary>It is never answered.</summary>
    NoAnswer,

    /// <summary>Half of the file arrives.</summary>
    HalfTheFile,
}

/// <summary>
/// Stands between a program that reads a lake and the S3 server, and holds the program at its first fetch of a Parquet file.
/// It relies on HTTP/1.1 without pipelining, and on requests without a body: reading needs no other.
/// </summary>
public sealed partial class S3Proxy : LoopbackProxy
{
    private const string EndOfHead = "\r\n\r\n";

    private readonly FetchFault _fault;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _fetches;

    private S3Proxy(EmbeddedS3 server, FetchFault fault) : base(server.Endpoint.Port) => _fault = fault;

    /// <summary>The endpoint to give to the program.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    /// <summary>Ends when the program is held.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Starts one.</summary>
    public static S3Proxy Start(EmbeddedS3 server, FetchFault fault) => new(server, fault);

    private protected override async Task PassAsync(Socket client, Socket server, CancellationToken end)
    {
        await using var near = new NetworkStream(client);
        await using var far = new NetworkStream(server);
        while (true)
        {
            var request = await ReadAsync(near, text => text.EndsWith(EndOfHead, StringComparison.Ordinal), end);
            var held = request.Split(' ')[1].EndsWith(".parquet", StringComparison.Ordinal) && Interlocked.Increment(ref _fetches) == 1;
            if (!held || _fault is not FetchFault.NoAnswer)
            {
                await far.WriteAsync(Encoding.Latin1.GetBytes(request), end);
                var answer = await ReadAsync(far, IsWhole, end);
                var head = answer.IndexOf(EndOfHead, StringComparison.Ordinal) + EndOfHead.Length;
                await near.WriteAsync(Encoding.Latin1.GetBytes(held ? answer[..(head + (answer.Length - head) / 2)] : answer), end);
            }

            if (held)
            {
                _stopped.SetResult();
                // The program's end is still noticed.
                await near.CopyToAsync(Stream.Null, end);
                return;
            }
        }
    }

    // A byte is a character, so that heads and bodies are one text; the files of tests are small.
    private static async Task<string> ReadAsync(NetworkStream stream, Func<string, bool> isWhole, CancellationToken end)
    {
        var text = "";
        var bytes = new byte[1 << 16];
        do
        {
            var read = await stream.ReadAsync(bytes, end);
            if (read == 0)
                throw new EndOfStreamException();
            text += Encoding.Latin1.GetString(bytes, 0, read);
        }
        while (!isWhole(text));
        return text;
    }

    private static bool IsWhole(string answer)
    {
        var head = answer.IndexOf(EndOfHead, StringComparison.Ordinal) + EndOfHead.Length;
        return head >= EndOfHead.Length
            && (ContentLength().Match(answer[..head]) is { Success: true } length
                ? answer.Length == head + int.Parse(length.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)
                : answer.EndsWith($"\r\n0{EndOfHead}", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^Content-Length: (\d+)\r$", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ContentLength();
}
