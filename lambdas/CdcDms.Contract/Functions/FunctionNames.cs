namespace CdcDms.Contract.Functions;

/// <summary>The functions of the one published bundle, by the value of <see cref="FunctionEnvironment.Function"/> that runs each.</summary>
public static class FunctionNames
{
    /// <summary><see cref="PlanInput"/> → <see cref="PlanOutput"/>.</summary>
    public const string Plan = "plan";

    /// <summary><see cref="MergeInput"/> → <see cref="MergeOutput"/>.</summary>
    public const string Merge = "merge";

    /// <summary><see cref="ProveInput"/> → <see cref="ProveOutput"/>.</summary>
    public const string Prove = "prove";

    /// <summary>Any input → <see cref="WriteMarkerOutput"/>.</summary>
    public const string WriteMarker = "write-marker";

    /// <summary><see cref="MergeMarkersInput"/> → <see cref="MergeMarkersOutput"/>.</summary>
    public const string MergeMarkers = "merge-markers";

    /// <summary>Events of a Kinesis stream into which DMS writes → <see cref="StreamOutput"/>; needs no database.</summary>
    public const string Stream = "stream";

    /// <summary><see cref="ReloadInput"/> → <see cref="ReloadOutput"/>; runs outside of the VPC.</summary>
    public const string Reload = "reload";

    /// <summary><see cref="PreflightInput"/> → <see cref="PreflightOutput"/>.</summary>
    public const string Preflight = "preflight";

    /// <summary><see cref="ReplicationHealthInput"/> → <see cref="AskedReplication"/>; runs outside of the VPC.</summary>
    public const string ReplicationHealth = "replication-health";

    /// <summary><see cref="HealthInput"/> → <see cref="HealthOutput"/>.</summary>
    public const string Health = "health";

    /// <summary>What an operator asks of databases and lake, a request of the engine → <see cref="OperateAnswer"/>.</summary>
    public const string Operate = "operate";

    /// <summary>
    /// CloudFormation custom resource with <see cref="LifecycleProperties"/>; runs outside of the VPC with a timeout of 15 minutes.
    /// </summary>
    public const string Lifecycle = "lifecycle";

    /// <summary>
    /// Custom resource and scheduled function of a sandbox: makes the sample shop and lets it do some business. Takes no properties.
    /// </summary>
    public const string Sandbox = "sandbox";

    /// <summary>
    /// CloudFormation custom resource with <see cref="EmptyBucketProperties"/>; runs outside of the VPC with a timeout of 15 minutes.
    /// </summary>
    public const string EmptyBucket = "empty-bucket";

    /// <summary>The names of all functions.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Plan, Merge, Prove, WriteMarker, MergeMarkers, Stream, Reload, Preflight, ReplicationHealth, Health, Operate, Lifecycle,
        Sandbox, EmptyBucket,
    ];
}
