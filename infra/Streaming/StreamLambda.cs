using System.Globalization;
using Amazon.CDK;
using Amazon.CDK.AWS.Kinesis;
using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.AWS.Logs;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Streaming;

/// <summary>
/// The function that makes change files of a stream's messages, and what calls it. It talks to S3 only, so it runs outside the VPC.
/// </summary>
internal sealed class StreamLambda : Construct
{
    private const int MemoryMegabytes = 1024;

    // A batch has at most 6 MB (AWS: Lambda, Kinesis event source mappings), which takes seconds.
    private static readonly Duration Timeout = Duration.Minutes(5);

    // Lambda's most.
    private const int BatchSize = 10_000;

    private const int Unlimited = -1;

    private readonly StreamEndpointProps _props;
    private readonly IStream _stream;

    public StreamLambda(Construct scope, string id, StreamEndpointProps props, IStream stream)
        : base(scope, id)
    {
        (_props, _stream) = (props, stream);
        var function = MakeFunction();
        function.Function.AddLayers(new TablesLayer(this, "Tables", props.Environment, props.Bundle));
        function.Role.Allow(
            [stream.StreamArn],
            "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator",
            "kinesis:ListShards", "kinesis:PutRecord");
        function.Role.Allow([.. Written().Select(folder => $"{props.Bucket.BucketArn}/{folder}/*")], "s3:PutObject");
        // What Lambda asks for before it writes what a batch held that it gave up (AWS: Lambda, on-failure destinations).
        function.Role.Allow([props.Bucket.BucketArn], "s3:ListBucket");
        function.Role.Allow([props.Key.KeyArn], "kms:Decrypt", "kms:GenerateDataKey");
        Map(function).Node.AddDependency(function.Role);
        Log = function.Function.LogGroup;
    }

    /// <summary>What the function writes.</summary>
    public ILogGroup Log { get; }

    private DotnetFunction MakeFunction() => new(this, "Function", new DotnetFunctionProps
    {
        Name = FunctionNames.Stream,
        FixedName = new ReplicationNames(_props.Environment).StreamReader,
        Description = "Makes change files of the messages that DMS writes into its stream",
        Bundle = _props.Bundle,
        MemoryMegabytes = MemoryMegabytes,
        Timeout = Timeout,
        LogRemoval = _props.DataRemoval,
        Traced = true,
        Variables = new Dictionary<string, string>
        {
            [FunctionEnvironment.EnvironmentName] = _props.Environment.Name,
            [FunctionEnvironment.Lake] = new LakeUri(_props.Bucket.BucketName, _props.Environment.Lake.Prefix).ToString(),
            [FunctionEnvironment.Generation] = _props.Environment.Replication.Generation.ToString(CultureInfo.InvariantCulture),
            [FunctionEnvironment.Tables] = TablesLayer.Path,
        },
    });

    // The folders of change files and of what could not be understood, and the one that Lambda itself chooses for what it gave up.
    private string[] Written()
    {
        var lake = new LakeUri("", _props.Environment.Lake.Prefix);
        return
        [
            lake.Key(LakeLayout.GenerationFolder(_props.Environment.Replication.Generation)), lake.Key(LakeLayout.StreamFolder),
            "aws/lambda",
        ];
    }

    // A batch is repeated until it succeeds, in halves if it must, and the shard waits for it: nothing is skipped while the stream keeps
    // it. From the beginning of the stream on always: LATEST may miss what comes while the mapping is made, and what is read twice counts
    // once.
    private CfnEventSourceMapping Map(DotnetFunction function) => new(this, "Mapping", new CfnEventSourceMappingProps
    {
        FunctionName = function.Function.FunctionArn,
        EventSourceArn = _stream.StreamArn,
        StartingPosition = "TRIM_HORIZON",
        BatchSize = BatchSize,
        MaximumBatchingWindowInSeconds = _props.Environment.Replication.CdcIntervalSeconds,
        BisectBatchOnFunctionError = true,
        MaximumRetryAttempts = Unlimited,
        MaximumRecordAgeInSeconds = Unlimited,
        ParallelizationFactor = 1,
        DestinationConfig = new CfnEventSourceMapping.DestinationConfigProperty
        {
            OnFailure = new CfnEventSourceMapping.OnFailureProperty { Destination = _props.Bucket.BucketArn },
        },
    });
}
