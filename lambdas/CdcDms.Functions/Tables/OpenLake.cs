using Amazon.S3;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Functions.Tables;

/// <summary>A lake with the client that reads it.</summary>
internal sealed record OpenLake(IAmazonS3 S3, LakeReader Reader) : IDisposable
{
    public void Dispose() => S3.Dispose();
}
