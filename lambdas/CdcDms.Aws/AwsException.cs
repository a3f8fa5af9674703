using System.Net;

namespace CdcDms.Aws;

/// <summary>An AWS API refused a call or could not be reached.</summary>
public sealed class AwsException(string code, string message, HttpStatusCode? status, Exception? inner = null)
    : Exception($"{code}: {message}", inner)
{
    /// <summary>The error's code, such as <c>ResourceNotFoundFault</c>.</summary>
    public string Code { get; } = code;

    /// <summary>
    /// Whether the same call may succeed later: the API is busy or away, or the resource is on its way from one state to another.
    /// </summary>
    public bool MayPass { get; } =
        status is null or >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
        || code.Contains("Throttl", StringComparison.Ordinal)
        || code is "InvalidResourceStateFault" or "RequestLimitExceeded" or "RequestTimeout" or "RequestTimeoutException"
            or "ProvisionedThroughputExceededException" or "LimitExceededException";
}
