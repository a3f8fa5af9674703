using Amazon.Runtime;
using Amazon.S3;
using CdcDms.Contract;

namespace CdcDms.Pipeline.Lake;

/// <summary>Makes the S3 client of a lake.</summary>
public static class LakeClient
{
    private const string DefaultRegion = "us-east-1";

    /// <summary>
    /// A client of AWS, or of another S3 server at <paramref name="endpoint"/>. Region and credentials come from the SDK's usual
    /// places (<c>AWS_REGION</c>, <c>AWS_ACCESS_KEY_ID</c> and so on), the region of an endpoint defaults to us-east-1.
    /// </summary>
    /// <param name="endpoint">
    /// The other server. It is addressed path-style (<c>/bucket/key</c>), and without the checksums that other servers than AWS often
    /// refuse.
    /// </param>
    /// <param name="credentials">Instead of the SDK's usual ones.</param>
    /// <exception cref="CdcDmsException">No region is set and no endpoint given, or the region is not the name of one.</exception>
    public static IAmazonS3 Connect(Uri? endpoint = null, AWSCredentials? credentials = null)
    {
        try
        {
            var config = Config(endpoint);
            return credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config);
        }
        catch (Exception fault) when (fault is AmazonClientException or ArgumentException)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable, $"No client of S3 can be made: {fault.Message.TrimEnd('.')}; check AWS_REGION.", fault);
        }
    }

    private static AmazonS3Config Config(Uri? endpoint)
    {
        var config = new AmazonS3Config();
        if (endpoint is not null)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = Environment.GetEnvironmentVariable("AWS_REGION") ?? DefaultRegion;
            config.ForcePathStyle = true;
            config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
            config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        }
        else if (config.RegionEndpoint is null)
        {
            throw new CdcDmsException(ErrorKind.Unavailable, "No AWS region is known: set AWS_REGION, or name an S3 endpoint.");
        }

        return config;
    }
}
