using Amazon.CDK;
using Amazon.CDK.AWS.Kinesis;
using CdcDms.Infra.Naming;
using Constructs;
using Kinesis = Amazon.CDK.AWS.Kinesis;

namespace CdcDms.Infra.Streaming;

/// <summary>
/// The stream into which DMS writes. It outlives its stack where data does: once the source's slot has moved on, what nobody has read yet
/// is nowhere else.
/// </summary>
internal sealed class ChangeStream : Kinesis.Stream
{
    public ChangeStream(Construct scope, string id, StreamEndpointProps props)
        : base(scope, id, new StreamProps
        {
            StreamName = new ReplicationNames(props.Environment).StreamOf(props.StackPart),
            StreamMode = props.Route.Shards is null ? StreamMode.ON_DEMAND : StreamMode.PROVISIONED,
            ShardCount = props.Route.Shards,
            RetentionPeriod = Duration.Hours(props.Route.RetentionHours),
            Encryption = StreamEncryption.KMS,
            EncryptionKey = props.Key,
        }) => ApplyRemovalPolicy(props.DataRemoval);
}
