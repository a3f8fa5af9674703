using CdcDms.Contract.Lake;

namespace CdcDms.Local.Workflow;

/// <summary>The databases, the lake and the S3 server that a workflow on this machine works on.</summary>
internal sealed record WorkflowPlaces
{
    /// <summary>Npgsql connection string of the source database.</summary>
    public required string Source { get; init; }

    /// <summary>Npgsql connection string of the analytics database.</summary>
    public required string Target { get; init; }

    /// <summary>The lake.</summary>
    public required LakeUri Lake { get; init; }

    /// <summary>An S3 server of one's own. Default: AWS's.</summary>
    public Uri? S3Endpoint { get; init; }

    /// <summary>Credentials of the lake. Default: those of this program's environment.</summary>
    public (string AccessKeyId, string SecretAccessKey)? Credentials { get; init; }

    /// <summary>Seconds after which the capture closes a file at the latest.</summary>
    public required int FileSeconds { get; init; }

    /// <summary>Most bytes of one batch. Default: the environment's.</summary>
    public long? BatchBytes { get; init; }

    /// <summary>What stands for DMS's API, of which reloads ask loads. Default: nothing, and tables cannot be loaded again.</summary>
    public Uri? DmsEndpoint { get; init; }

    /// <summary>How long every state that waits, and every retry, waits in place of its own time. Default: that time.</summary>
    public TimeSpan? Waits { get; init; }
}
