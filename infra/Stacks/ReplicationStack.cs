using Amazon.CDK;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Lifecycle;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Replication;
using CdcDms.Infra.Templates;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>What the replication stack takes from others.</summary>
public sealed record ReplicationStackProps
{
    /// <summary>Where DMS runs.</summary>
    public required NetworkStack Network { get; init; }

    /// <summary>Where it writes.</summary>
    public required LakeStack Lake { get; init; }

    /// <summary>Where it reads.</summary>
    public required DatabaseConnection Source { get; init; }

    /// <summary>The authorities that may sign the source's certificate, as PEM.</summary>
    public required string SourceAuthorities { get; init; }

    /// <summary>The functions.</summary>
    public required FunctionBundle Bundle { get; init; }
}

/// <summary>From PostgreSQL to the lake: endpoints, the replication, and its life around a deploy.</summary>
public sealed class ReplicationStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public ReplicationStack(Construct scope, DeploymentEnvironment environment, ReplicationStackProps props)
        : base(scope, "replication", environment, "CdcDms: PostgreSQL to Parquet by AWS DMS")
    {
        SubnetIds = [.. props.Network.Subnets.Select(subnet => subnet.SubnetId)];
        SecurityGroupId = props.Network.SecurityGroups.Dms.SecurityGroupId;
        StorageKeyArn = props.Lake.Key.KeyArn;
        var names = new ReplicationNames(environment);
        var source = new SourceEndpoint(this, environment, props.Source, names, props.SourceAuthorities);
        var lake = new LakeEndpoint(this, environment, props.Lake, names);
        var replication = environment.Replication.Compute switch
        {
            InstanceCompute instance => InstanceReplication.Build(this, instance, names, source, lake),
            ServerlessCompute serverless => ServerlessReplication.Build(this, serverless, names, source, lake),
            var other => throw new InvalidOperationException($"{other} is no compute."),
        };

        var function = TaskLifeFunction.Create(this, props.Bundle, names, replication.Kind);
        var life = Life(replication, names, Fingerprint.Of(this, [source.CertificateProps, source.Props, lake.Props, .. replication.Fingerprinted]));
        TaskLifeResources.Create(this, function, life, [source.Certificate, source.Resource, lake.Resource, .. replication.Resources]);
        RollbackRecovery.Create(this, replication);
    }

    /// <summary>DMS's name of where changes are captured from.</summary>
    internal string MigrationType => Settings.Replication.Start is FullLoadThenChanges ? "full-load-and-cdc" : "cdc";

    internal IReadOnlyList<string> SubnetIds { get; }

    internal string SecurityGroupId { get; }

    internal string StorageKeyArn { get; }

    internal RemovalPolicy LogRemoval => DataRemoval;

    private LifecycleProperties Life(BuiltReplication replication, ReplicationNames names, string fingerprint) => new()
    {
        Moment = LifecycleMoment.Before,
        Kind = replication.Kind,
        Identifier = names.Replication,
        Generation = Settings.Replication.Generation,
        Fingerprint = fingerprint,
        Identity = new Dictionary<string, string>(replication.Identity)
        {
            ["source endpoint"] = names.Source,
            ["lake endpoint"] = names.Lake,
        },
        AllowReplacementForGeneration = Settings.Replication.ReplacementAllowed ? Settings.Replication.Generation : null,
        CdcStartPosition = (Settings.Replication.Start as ChangesFromSlot)?.StartLsn,
    };
}
