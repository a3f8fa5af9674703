using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;

namespace CdcDms.Infra.Streaming;

/// <summary>What the Kinesis target needs.</summary>
internal sealed record StreamEndpointProps
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>How the stream is made.</summary>
    public required StreamRoute Route { get; init; }

    /// <summary>The lake's bucket, into which the function writes.</summary>
    public required IBucket Bucket { get; init; }

    /// <summary>Encrypts stream and lake.</summary>
    public required IKey Key { get; init; }

    public required FunctionBundle Bundle { get; init; }

    /// <summary>What tells the stream of this stack from one that a stack of the same name has left behind.</summary>
    public required string StackPart { get; init; }

    /// <summary>What happens to the stream and to the function's log when the stack goes.</summary>
    public required RemovalPolicy DataRemoval { get; init; }
}
