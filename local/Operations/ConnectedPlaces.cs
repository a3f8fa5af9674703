using Amazon.Runtime;
using Amazon.S3;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Local.Operations;

/// <summary>Databases and lake that are reached from this machine. What is not given is asked for by nobody, or refused.</summary>
internal sealed record ConnectedPlaces
{
    /// <summary>The analytics database, as a person calls it.</summary>
    public string Analytics { get; init; } = "the analytics database";

    /// <summary>Npgsql connection string of the source.</summary>
    public string? Source { get; init; }

    /// <summary>Npgsql connection string by which rows are read at the source. Default: null, that of the source.</summary>
    public string? Reader { get; init; }

    /// <summary>Npgsql connection string of the analytics database.</summary>
    public string? Target { get; init; }

    /// <summary>The lake.</summary>
    public LakeUri? Lake { get; init; }

    /// <summary>An S3 server of one's own. Default: null, AWS.</summary>
    public Uri? S3Endpoint { get; init; }

    /// <summary>Credentials of that server. Default: null, those of the environment.</summary>
    public AWSCredentials? S3Credentials { get; init; }

    /// <summary>Gives the definitions of the tables.</summary>
    public Func<CancellationToken, Task<TableList>>? Tables { get; init; }

    /// <summary>Seconds after which the capture closes a file at the latest. Default: 5, as the local capture.</summary>
    public int FileSeconds { get; init; } = 5;

    /// <summary>A client of the lake's S3.</summary>
    /// <exception cref="CdcDmsException">None can be made.</exception>
    public IAmazonS3 ConnectS3() => LakeClient.Connect(S3Endpoint, S3Credentials);

    /// <summary>A place that somebody asks for.</summary>
    /// <exception cref="CdcDmsException">It is not given.</exception>
    public static T Given<T>(T? place, string option)
        where T : class => place ?? throw new CdcDmsException(
            ErrorKind.BadDefinition, $"What was asked for needs {option}, which is not given: begin again with {option}.");
}
