using Amazon.S3;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Functions;

/// <summary>Where this function's databases and its S3 are. Read inside an invocation, so that a wrong setting is an answer and not a crash.</summary>
internal static class Connections
{
    /// <summary>Npgsql connection string of the source database.</summary>
    /// <exception cref="CdcDmsException">It is not set.</exception>
    public static string Source => Required(FunctionEnvironment.Source);

    /// <summary>Npgsql connection string of the analytics database.</summary>
    /// <exception cref="CdcDmsException">It is not set.</exception>
    public static string Target => Required(FunctionEnvironment.Target);

    /// <summary>A lake, in AWS's S3 or in the server that the environment names.</summary>
    /// <exception cref="CdcDmsException">The text is no lake, or the environment names no URL.</exception>
    public static OpenLake Lake(string uri)
    {
        var place = LakeUri.Parse(uri);
        var s3 = LakeS3.Connect(S3Endpoint);
        return new OpenLake(s3, new LakeReader(s3, place));
    }

    private static Uri? S3Endpoint =>
        Environment.GetEnvironmentVariable(FunctionEnvironment.S3Endpoint) is not { Length: > 0 } url ? null
        : Uri.TryCreate(url, UriKind.Absolute, out var endpoint) ? endpoint
        : throw new CdcDmsException(ErrorKind.Unavailable, $"{FunctionEnvironment.S3Endpoint} is '{url}', which is no URL: set it to one or leave it out.");

    private static string Required(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new CdcDmsException(ErrorKind.Unavailable, $"The function does not know its database: set {variable} to a connection string.");
}

/// <summary>A lake with the client that reads it.</summary>
internal sealed record OpenLake(IAmazonS3 S3, LakeReader Reader) : IDisposable
{
    public void Dispose() => S3.Dispose();
}
