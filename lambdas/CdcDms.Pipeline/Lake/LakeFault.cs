using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using CdcDms.Contract;

namespace CdcDms.Pipeline.Lake;

/// <summary>Tells in one sentence what S3 refused, or that it could not be reached.</summary>
public static class LakeFault
{
    /// <summary>Calls S3.</summary>
    /// <param name="failure">What does not happen to which object when the call fails; the reason is added.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="CdcDmsException">The call failed (<see cref="ErrorKind.Unavailable"/>).</exception>
    public static async Task<T> TellAsync<T>(string failure, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception fault) when (fault is AmazonServiceException or AmazonClientException or HttpRequestException or IOException
            or TimeoutException)
        {
            throw new CdcDmsException(ErrorKind.Unavailable, $"{failure}: {Reason(fault)}.", fault);
        }
    }

    private static string Reason(Exception fault) => fault switch
    {
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } => "the bucket does not exist; create it or correct the lake",
        AmazonS3Exception { ErrorCode: "InvalidObjectState" } =>
            "the object is archived; restore it (aws s3api restore-object), and let no lifecycle rule archive what is not merged yet",
        AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden } => "access is denied; check the credentials and what they may do",
        // The SDK lists each place in which it has looked, on lines of their own.
        AmazonClientException when fault.Message.StartsWith("Failed to resolve AWS credentials", StringComparison.Ordinal) =>
            "no AWS credentials are known; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
        AmazonS3Exception or IOException => fault.Message.TrimEnd('.'),
        _ => $"{(fault.InnerException ?? fault).Message.TrimEnd('.')}; check the region, the endpoint and the network",
    };
}
