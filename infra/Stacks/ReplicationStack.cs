using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Batch;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Lifecycle;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Notices;
using CdcDms.Infra.Replication;
using CdcDms.Infra.Streaming;
using CdcDms.Infra.Templates;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>What the replication stack needs.</summary>
public sealed record ReplicationStackProps
{
    /// <summary>The private subnets in which DMS runs.</summary>
    public required IReadOnlyList<ISubnet> Subnets { get; init; }

    /// <summary>What DMS may talk to.</summary>
    public required ISecurityGroup SecurityGroup { get; init; }

    /// <summary>The lake, to which DMS writes.</summary>
    public required IBucket Bucket { get; init; }

    /// <summary>Encrypts the lake and DMS's own storage.</summary>
    public required IKey Key { get; init; }

    /// <summary>Where the function runs that looks at the databases.</summary>
    public required FunctionNetwork Network { get; init; }

    /// <summary>The database into which functions merge.</summary>
    public required DatabaseConnection Analytics { get; init; }

    /// <summary>The database from which DMS reads.</summary>
    public required DatabaseConnection Source { get; init; }

    /// <summary>The authorities that may sign the source's certificate, as PEM.</summary>
    public required string SourceAuthorities { get; init; }

    /// <summary>The functions.</summary>
    public required FunctionBundle Bundle { get; init; }
}

/// <summary>From PostgreSQL to the lake: endpoints, the replication, and what stops and starts it around a deploy.</summary>
public sealed class ReplicationStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public ReplicationStack(Construct scope, DeploymentEnvironment environment, ReplicationStackProps props)
        : base(scope, StackNames.Replication(environment), environment, "CdcDms: PostgreSQL to Parquet by AWS DMS")
    {
        var names = new ReplicationNames(environment);
        var source = new SourceEndpoint(this, "Source", new SourceEndpointProps
        {
            Environment = environment,
            Connection = props.Source,
            Authorities = props.SourceAuthorities,
        });
        // The beginning of a GUID: it stays as long as the stack does, in every generation.
        var part = Fn.Select(0, Fn.Split("-", Fn.Select(2, Fn.Split("/", StackId))));
        var target = Target(environment, props, part);
        var replication = Replication(environment.Replication.Compute, new ReplicationResourcesProps
        {
            Environment = environment,
            Source = source,
            Target = target,
            SubnetIds = [.. props.Subnets.Select(subnet => subnet.SubnetId)],
            SecurityGroupId = props.SecurityGroup.SecurityGroupId,
            StorageKeyArn = props.Key.KeyArn,
        });
        var preflight = new PreflightWorkflow(this, "Preflight", new DatabaseLambdaProps
        {
            Databases = new DatabaseAccess { Environment = environment, Source = props.Source, Analytics = props.Analytics },
            Network = props.Network,
            Bundle = props.Bundle,
            LogRemoval = DataRemoval,
        });
        var lambda = new LifecycleLambda(this, "Lifecycle", new LifecycleLambdaProps
        {
            EnvironmentName = environment.Name,
            Bundle = props.Bundle,
            Names = names,
            Kind = replication.Kind,
            LogRemoval = DataRemoval,
        });
        _ = new LifecycleResources(this, "LifecycleResources", new LifecycleResourcesProps
        {
            Settings = environment.Replication,
            Names = names,
            Tables = environment.Tables,
            Preflight = preflight,
            Lambda = lambda,
            Kind = replication.Kind,
            Fingerprint = TemplateFingerprint.Of(this, [.. source.Fingerprinted, target.Fingerprinted, replication.Fingerprinted]),
            Identity = replication.Identity,
            Fixed = new Dictionary<string, string>
            {
                [FixedSettings.MigrationType] = replication.MigrationType,
                [FixedSettings.Route] = environment.Replication.Route.Name,
                [FixedSettings.LakeBucket] = TemplateFingerprint.Name(this, props.Bucket.BucketName),
                [FixedSettings.LakePrefix] = environment.Lake.Prefix,
                [FixedSettings.LakeKey] = TemplateFingerprint.Name(this, props.Key.KeyArn),
                [FixedSettings.Source] = Place(props.Source, environment.Source.Database),
                [FixedSettings.Analytics] = Place(props.Analytics, environment.Analytics.Database),
            },
            SourceMovedFrom = environment.Source.MovedFrom,
            AnalyticsMovedFrom = environment.Analytics.MovedFrom,
            Guarded = [.. source.Resources, target.Resource, .. replication.Resources],
        });
        // By every route, since another stack may still import it from the time when there was a stream.
        StackPart = ExportValue(part, new ExportValueOptions { Name = $"{StackName}:StackPart" });
        var standsStill = new MessageLinks(environment).Runbook("replication-stopped");
        _ = new RollbackRecovery(this, "ResumeAfterRollback", new RollbackRecoveryProps
        {
            Name = names.ResumeAfterRollback,
            UndeliveredName = names.RollbackUndelivered,
            Kind = replication.Kind,
            ReplicationArn = replication.Arn,
            Runbook = standsStill,
            LogRemoval = DataRemoval,
        });
        _ = new ReplicationRestart(this, "Restart", new ReplicationRestartProps
        {
            Name = names.Restart,
            EnvironmentName = environment.Name,
            Kind = replication.Kind,
            ReplicationArn = replication.Arn,
            Runbook = standsStill,
            LogRemoval = DataRemoval,
            StartLsn = (environment.Replication.Start as ChangesFromSlot)?.StartLsn,
        });
    }

    /// <summary>What tells the stream of this stack from one that a stack of the same name has left behind, for another stack.</summary>
    public string StackPart { get; }

    private string Place(DatabaseConnection server, string database) =>
        $"{TemplateFingerprint.Name(this, server.Host)}:{server.Port}/{database}";

    private ReplicationTarget Target(DeploymentEnvironment environment, ReplicationStackProps props, string part) =>
        environment.Replication.Route switch
        {
            DirectRoute => new LakeEndpoint(this, "Lake", new LakeEndpointProps
            {
                Environment = environment,
                Bucket = props.Bucket,
                Key = props.Key,
            }),
            StreamRoute route => new StreamEndpoint(this, "Stream", new StreamEndpointProps
            {
                Environment = environment,
                Route = route,
                Bucket = props.Bucket,
                Key = props.Key,
                Bundle = props.Bundle,
                StackPart = part,
                DataRemoval = DataRemoval,
            }),
            var other => throw new InvalidOperationException($"{other} is no route."),
        };

    private ReplicationResources Replication(ReplicationCompute compute, ReplicationResourcesProps common) => compute switch
    {
        InstanceCompute instance => new InstanceReplicationResources(this, "Replication", new InstanceReplicationResourcesProps
        {
            Compute = instance,
            Common = common,
        }),
        ServerlessCompute serverless => new ServerlessReplicationResources(this, "Replication", new ServerlessReplicationResourcesProps
        {
            Compute = serverless,
            Common = common,
        }),
        var other => throw new InvalidOperationException($"{other} is no compute."),
    };
}
