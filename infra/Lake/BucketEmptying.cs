using Amazon.CDK;
using Amazon.CDK.AWS.S3;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Lake;

/// <summary>What the emptying needs.</summary>
internal sealed record BucketEmptyingProps
{
    public required IBucket Bucket { get; init; }

    public required FunctionBundle Bundle { get; init; }
}

/// <summary>
/// Empties a bucket that is not kept when its stack is deleted, so that one command deletes it all: CloudFormation deletes no bucket that
/// holds something. By then the replication is gone, whose stack hangs on the lake's.
/// </summary>
internal sealed class BucketEmptying : Construct
{
    private static readonly Duration Timeout = Duration.Minutes(15);

    public BucketEmptying(Construct scope, string id, BucketEmptyingProps props)
        : base(scope, id)
    {
        var function = new DotnetFunction(this, "Function", new DotnetFunctionProps
        {
            Name = FunctionNames.EmptyBucket,
            Description = "Empties the bucket when its stack is deleted",
            Bundle = props.Bundle,
            MemoryMegabytes = 512,
            Timeout = Timeout,
            LogRemoval = RemovalPolicy.DESTROY,
            Variables = new Dictionary<string, string> { [FunctionEnvironment.Bucket] = props.Bucket.BucketName },
        });
        function.Role.Allow([Stack.Of(this).StackId], "cloudformation:DescribeStacks");
        function.Role.Allow([props.Bucket.BucketArn], "s3:ListBucket", "s3:ListBucketMultipartUploads");
        function.Role.Allow([props.Bucket.ArnForObjects("*")], "s3:DeleteObject", "s3:AbortMultipartUpload");
        var resource = new FunctionResource(this, "Resource", new FunctionResourceProps
        {
            Kind = "EmptyBucket",
            FunctionArn = function.Function.FunctionArn,
            Timeout = Timeout,
            Properties = new Dictionary<string, object> { ["bucket"] = props.Bucket.BucketName },
        });

        // What is made first is deleted last: the function and its rights are there when the resource goes.
        resource.Node.AddDependency(function);
    }
}
