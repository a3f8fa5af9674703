using System.Globalization;
using CdcDms.Contract;

namespace CdcDms.Functions.Aws;

/// <summary>Where a database's server listens.</summary>
/// <param name="Host">Its name or address, in lower case: names of hosts have no case (RFC 4343).</param>
/// <param name="Port">Its TCP port.</param>
internal sealed record ServerAddress(string Host, int Port)
{
    /// <summary>Reads <c>host:port</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="variable">The environment variable that has it.</param>
    /// <exception cref="CdcDmsException">It is something else.</exception>
    public static ServerAddress Parse(string text, string variable) =>
        text.LastIndexOf(':') is > 0 and var colon
        && int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? Of(text[..colon], port)
            : throw new CdcDmsException(ErrorKind.Unavailable, $"{variable} is '{text}': set it to host:port, or leave it out.");

    /// <summary>The server of a host's name in any case.</summary>
    public static ServerAddress Of(string host, int port) => new(host.ToLowerInvariant(), port);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
