using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Constructs;

namespace CdcDms.Infra.Lake;

/// <summary>What the lake's key needs.</summary>
internal sealed record LakeKeyProps
{
    /// <summary>Name of the environment that people read in the key's description.</summary>
    public required string EnvironmentName { get; init; }

    /// <summary>What happens to the key when its stack goes.</summary>
    public required RemovalPolicy Removal { get; init; }
}

/// <summary>Encrypts the lake and DMS's own storage.</summary>
internal sealed class LakeKey(Construct scope, string id, LakeKeyProps props) : Key(scope, id, new KeyProps
{
    Description = $"CdcDms {props.EnvironmentName}: lake, replication storage",
    EnableKeyRotation = true,
    RemovalPolicy = props.Removal,
});
