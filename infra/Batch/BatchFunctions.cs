using System.Globalization;
using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the functions need.</summary>
internal sealed record BatchFunctionsProps
{
    /// <summary>How the functions find the databases.</summary>
    public required DatabaseAccess Databases { get; init; }

    /// <summary>Of functions that talk to the analytics database only.</summary>
    public required FunctionNetwork Network { get; init; }

    /// <summary>Of functions that talk to the source, too.</summary>
    public required FunctionNetwork SourceNetwork { get; init; }

    /// <summary>The lake.</summary>
    public required IBucket Bucket { get; init; }

    /// <summary>Decrypts the lake.</summary>
    public required IKey LakeKey { get; init; }

    public required FunctionBundle Bundle { get; init; }

    /// <summary>What happens to the functions' logs when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>
/// The functions that the workflows call, and the one that writes markers by its own schedule: each with what it needs and nothing more.
/// </summary>
internal sealed class BatchFunctions : Construct
{
    /// <summary>Longest run of the function that merges markers: tables wait for it.</summary>
    public static readonly Duration LongestMergeOfMarkers = Duration.Minutes(5);

    private const int MarkerMegabytes = 512;
    private readonly BatchFunctionsProps _props;

    public BatchFunctions(Construct scope, string id, BatchFunctionsProps props)
        : base(scope, id)
    {
        _props = props;
        Plan = Function(
            "Plan",
            FunctionNames.Plan,
            "Says which change files of a table wait",
            DatabaseRole.Analytics);
        Merge = Function(
            "Merge",
            FunctionNames.Merge,
            "Merges a batch of a table's change files into the analytics database",
            DatabaseRole.Analytics);
        Prove = ReaderOfRows();
        WriteMarker = WriterOfMarkers();
        MergeMarkers = OfMarkers(
            "MergeMarkers",
            Props(FunctionNames.MergeMarkers, "Merges markers from the lake into the ledger", DatabaseRole.Analytics),
            LongestMergeOfMarkers,
            DatabaseRole.Analytics);
        foreach (var function in (DotnetFunction[])[Plan, Merge, MergeMarkers])
            function.Role.ReadsLake(_props.Bucket, _props.LakeKey, Environment.Lake.Prefix);
        if (Environment.Batch.Glue is not null)
        {
            Plan.Role.Allow([$"{_props.Bucket.BucketArn}/{Environment.Lake.Prefix}/{LakeLayout.SparkFolder}/*"], "s3:PutObject");
            Plan.Role.Allow([_props.LakeKey.KeyArn], "kms:GenerateDataKey");
        }

        // What is merged and old goes from the folders of generations; files of feeds are others'.
        foreach (var function in (DotnetFunction[])[Merge, MergeMarkers])
            function.Role.Allow([$"{_props.Bucket.BucketArn}/{Environment.Lake.Prefix}/g*"], "s3:DeleteObject");
    }

    public DotnetFunction Plan { get; }

    public DotnetFunction Merge { get; }

    public DotnetFunction Prove { get; }

    public DotnetFunction WriteMarker { get; }

    public DotnetFunction MergeMarkers { get; }

    private DeploymentEnvironment Environment => _props.Databases.Environment;

    private DotnetFunction ReaderOfRows()
    {
        const string description = "Reads rows of a table at the source for proofs of its analytics table";
        var props = KnowingTheInterval(Props(FunctionNames.Prove, description, DatabaseRole.Source, DatabaseRole.Analytics));
        var variables = new Dictionary<string, string>([.. props.Variables, .. _props.Databases.ReaderVariables]);
        var function = Function("Prove", props with { Variables = variables }, DatabaseRole.Source, DatabaseRole.Analytics);
        _props.Databases.AllowReader(function.Role);
        return function;
    }

    private DotnetFunction WriterOfMarkers()
    {
        var props = Props(FunctionNames.WriteMarker, "Writes a marker at the source", DatabaseRole.Source);
        return OfMarkers(
            "WriteMarker",
            KnowingTheInterval(props) with { FixedName = BatchNames.WriteMarker(Environment) },
            Duration.Minutes(1),
            DatabaseRole.Source);
    }

    // Every marker says how long the task keeps a file open.
    private DotnetFunctionProps KnowingTheInterval(DotnetFunctionProps props)
    {
        var interval = Environment.Replication.MarkerSeconds.ToString(CultureInfo.InvariantCulture);
        return props with
        {
            Variables = new Dictionary<string, string>(props.Variables) { [FunctionEnvironment.FileIntervalSeconds] = interval },
        };
    }

    // Markers are few and small, however large the tables are.
    private DotnetFunction OfMarkers(string id, DotnetFunctionProps props, Duration timeout, DatabaseRole database) => Function(
        id,
        props with { MemoryMegabytes = MarkerMegabytes, EphemeralStorageMegabytes = MarkerMegabytes, Timeout = timeout },
        database);

    private DotnetFunction Function(string id, string name, string description, params DatabaseRole[] databases) =>
        Function(id, Props(name, description, databases), databases);

    private DotnetFunctionProps Props(string name, string description, params DatabaseRole[] databases)
    {
        var batch = Environment.Batch;
        return new DotnetFunctionProps
        {
            Name = name,
            Description = description,
            Bundle = _props.Bundle,
            MemoryMegabytes = batch.MemoryMegabytes,
            EphemeralStorageMegabytes = batch.EphemeralStorageMegabytes,
            Timeout = Duration.Minutes(batch.TimeoutMinutes),
            ReservedConcurrency = name == FunctionNames.Merge ? batch.ReservedConcurrency : null,
            LogRemoval = _props.LogRemoval,
            ReadsSecrets = true,
            Traced = true,
            Network = databases.Contains(DatabaseRole.Source) ? _props.SourceNetwork : _props.Network,
            Variables = _props.Databases.Variables(databases),
        };
    }

    private DotnetFunction Function(string id, DotnetFunctionProps props, params DatabaseRole[] databases)
    {
        var function = new DotnetFunction(this, id, props);
        _props.Databases.Allow(function.Role, databases);
        return function;
    }
}
