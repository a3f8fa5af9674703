using Amazon.CDK;
using Amazon.CDK.AWS.DMS;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Kinesis;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.Logs;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using CdcDms.Infra.Replication;
using Constructs;

namespace CdcDms.Infra.Streaming;

/// <summary>
/// The Kinesis target: the stream, the function that makes change files of what it holds, and what a message holds. All keys:
/// docs/dms-contract.md#kinesis.
/// </summary>
internal sealed class StreamEndpoint : ReplicationTarget
{
    public StreamEndpoint(Construct scope, string id, StreamEndpointProps props)
        : base(scope, id)
    {
        // A new generation has a stream, a function and roles of its own: no message of another task comes into its folder, and the ones
        // before stand untouched until the deployment has succeeded.
        var generation = props.Environment.Replication.Generation;
        var stream = new ChangeStream(this, $"Stream{generation}", props);
        var reader = new StreamLambda(this, $"Reader{generation}", props, stream);
        _ = new CfnQueryDefinition(this, "Lines", new CfnQueryDefinitionProps
        {
            Name = MonitoringNames.StreamLines(props.Environment),
            LogGroupNames = [reader.Log.LogGroupName],
            QueryString = "fields @timestamp, Outcome, Rows, StreamRejected, Rejects, @message | sort @timestamp desc | limit 200",
        });
        var role = Role($"Role{generation}", stream, props.Key);
        var name = new ReplicationNames(props.Environment).Stream;
        Fingerprinted = new CfnEndpointProps
        {
            EndpointIdentifier = name,
            ResourceIdentifier = name,
            EndpointType = "target",
            EngineName = "kinesis",
            KinesisSettings = Settings(stream.StreamArn, role.RoleArn),

            // Whole numbers of more than 16 digits would come as 1.2e+18, which PostgreSQL refuses. CloudFormation has no property for it.
            ExtraConnectionAttributes = "useLargeIntegerValue=true",
        };
        Resource = new CfnEndpoint(this, "Endpoint", Fingerprinted);
        Resource.OverrideLogicalId(PinnedIds.StreamEndpoint);

        // The role alone is not enough: its policy must be there when DMS first uses it.
        Resource.Node.AddDependency(role);
    }

    public override CfnEndpoint Resource { get; }

    public override CfnEndpointProps Fingerprinted { get; }

    private static CfnEndpoint.KinesisSettingsProperty Settings(string streamArn, string roleArn) => new()
    {
        StreamArn = streamArn,
        ServiceAccessRoleArn = roleArn,
        MessageFormat = "json-unformatted",

        // The time of the commit stands there alone.
        IncludeTransactionDetails = true,

        // Without it NULL, the empty text and a column that does not exist look the same.
        IncludeNullAndEmpty = true,
        IncludeControlDetails = true,
        IncludeTableAlterOperations = true,
        IncludePartitionValue = false,

        // Equal keys of two tables would meet in one shard.
        PartitionIncludeSchemaTable = true,
        NoHexPrefix = false,
    };

    // What DMS may do with the stream (DMS user guide, "Prerequisites for using a Kinesis data stream as a target").
    private Role Role(string id, IStream stream, IKey key)
    {
        var role = new Role(this, id, new RoleProps
        {
            AssumedBy = ServiceTrust.OfDms(this, Stack.Of(this).Region),
            Description = "Lets DMS write messages into its stream",
        });
        role.Allow([stream.StreamArn], "kinesis:DescribeStream", "kinesis:PutRecord", "kinesis:PutRecords");

        // Who writes into an encrypted stream has its data keys made (Kinesis developer guide, "Permissions to use KMS keys").
        role.Allow([key.KeyArn], "kms:GenerateDataKey");
        return role;
    }
}
