using Amazon.S3;
using CdcDms.Aws;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Functions.Aws;
using CdcDms.Functions.CustomResources;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Functions.Lifecycle;

/// <summary>
/// The custom resource of a lake that is not kept: when its stack is deleted, the bucket is emptied, which CloudFormation cannot delete
/// otherwise. When the resource goes by an update, because the lake is to be kept from now on, nothing is deleted.
/// </summary>
/// <param name="s3">S3.</param>
/// <param name="stacks">Tells whether the stack is being deleted.</param>
/// <param name="own">The only bucket that the function empties.</param>
internal sealed class EmptyBucketFunction(IAmazonS3 s3, StackStatus stacks, string own)
{
    private const string Name = FunctionNames.EmptyBucket;

    public static Handler Handler => async (input, _, cancellationToken) =>
    {
        using var s3 = LakeClient.Connect();
        return await new EmptyBucketFunction(
            s3,
            new StackStatus(AwsApi.FromEnvironment("cloudformation", "AWS_ENDPOINT_URL_CLOUDFORMATION")),
            Environment.GetEnvironmentVariable(FunctionEnvironment.Bucket) ?? "").HandleAsync(input, cancellationToken);
    };

    public Task<ReadOnlyMemory<byte>> HandleAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken) =>
        CustomResource.AnswerAsync(input, Name, CarryOutAsync, cancellationToken);

    private async Task CarryOutAsync(CloudFormationRequest request, CancellationToken cancellationToken)
    {
        if (request.RequestType != RequestType.Delete || !await stacks.IsBeingDeletedAsync(request.StackId, cancellationToken))
            return;
        var wanted = ResourceProperties.Read(request.ResourceProperties, ContractJson.Default.EmptyBucketProperties, Name).Bucket;
        if (wanted != own)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The bucket '{wanted}' was not emptied: the function empties '{own}' alone ({FunctionEnvironment.Bucket}). Empty it by "
                + "hand, and delete the stack again.");
        try
        {
            await new BucketContents(s3, own).DeleteAsync(cancellationToken);
        }
        catch (AmazonS3Exception refused)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The bucket {own} was not emptied: S3 says {refused.ErrorCode}, {refused.Message.TrimEnd('.')}. Delete the stack again, "
                + "which goes on.",
                refused);
        }
    }
}
