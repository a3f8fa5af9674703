using Amazon.CDK.AWS.DMS;
using Constructs;

namespace CdcDms.Infra.Replication;

/// <summary>The endpoint to which DMS writes.</summary>
internal abstract class ReplicationTarget(Construct scope, string id) : Construct(scope, id)
{
    public abstract CfnEndpoint Resource { get; }

    /// <summary>Properties that DMS changes only while the replication is stopped.</summary>
    public abstract CfnEndpointProps Fingerprinted { get; }
}
