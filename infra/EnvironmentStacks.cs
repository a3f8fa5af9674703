using Amazon.CDK;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Certificates;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Monitoring;
using CdcDms.Infra.Permissions;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra;

/// <summary>All stacks of one environment.</summary>
public sealed class EnvironmentStacks
{
    private readonly DatabasesStack? _databases;

    /// <summary>Makes the stacks.</summary>
    /// <param name="app">The app that the stacks belong to.</param>
    /// <param name="environment">What to make.</param>
    /// <param name="bundle">The published functions.</param>
    /// <param name="repository">The repository's folder, in which certificates are found.</param>
    /// <exception cref="CdcDmsException">A certificate file is missing, or the region lacks what the functions need.</exception>
    public EnvironmentStacks(App app, DeploymentEnvironment environment, FunctionBundle bundle, string repository)
    {
        if (RegionFaults(environment).ToList() is { Count: > 0 } faults)
            throw new CdcDmsException(ErrorKind.BadDefinition, string.Join('\n', faults));
        Governance.Tag(app, environment);

        // Functions verify the databases by the same authorities as DMS.
        var sourceAuthorities = Authorities(environment.Source.Tls, "source", environment.Region, repository);
        var analyticsAuthorities = Authorities(environment.Analytics.Tls, "analytics", environment.Region, repository);
        bundle.Add(FunctionEnvironment.SourceAuthoritiesFile, sourceAuthorities);
        bundle.Add(FunctionEnvironment.TargetAuthoritiesFile, analyticsAuthorities);

        var network = new NetworkStack(app, environment);
        var mergers = new FunctionNetwork(network.Vpc, network.Subnets, network.SecurityGroups.Mergers);
        var sourceReaders = new FunctionNetwork(network.Vpc, network.Subnets, network.SecurityGroups.SourceReaders);
        _databases = network.SecurityGroups.Databases.Count == 0 ? null : new DatabasesStack(app, environment, new DatabasesStackProps
        {
            Network = sourceReaders,
            SecurityGroups = network.SecurityGroups.Databases,
            Bundle = bundle,
        });
        var source = Connection(DatabaseRole.Source, environment.Source.Location);
        var analytics = Connection(DatabaseRole.Analytics, environment.Analytics.Location);
        var lake = new LakeStack(app, environment, bundle);
        var replication = new ReplicationStack(app, environment, new ReplicationStackProps
        {
            Subnets = network.Subnets,
            SecurityGroup = network.SecurityGroups.Dms,
            Bucket = lake.Bucket,
            Key = lake.Key,
            Source = source,
            Network = sourceReaders,
            Analytics = analytics,
            SourceAuthorities = sourceAuthorities,
            Bundle = bundle,
        });
        var operations = new OperationsStack(app, environment, new OperationsStackProps
        {
            Source = source,
            Analytics = analytics,
            StackPart = replication.StackPart,
        });
        // Until the replication has started once, alarms that ring on silence would ring.
        operations.AddDependency(replication);
        var batch = new BatchStack(app, environment, new BatchStackProps
        {
            Network = mergers,
            SourceNetwork = sourceReaders,
            Bucket = lake.Bucket,
            LakeKey = lake.Key,
            Topics = operations.Topics,
            Source = source,
            Analytics = analytics,
            Bundle = bundle,
            ScriptFolder = Path.Combine(repository, "infra", "Spark"),
        });

        // The first batch finds what the preflight before the replication's first start has looked at.
        batch.AddDependency(replication);
        Governance.Encrypt(app, environment.Governance);
        Governance.Bound(app, environment.Governance);
        Governance.Place(app, environment.Governance);
        All = [.. ((EnvironmentStack?[])[network, _databases, lake, replication, operations, batch]).OfType<EnvironmentStack>()];
    }

    /// <summary>Every stack there is.</summary>
    public IReadOnlyList<EnvironmentStack> All { get; }

    /// <summary>
    /// What the environment's region lacks: one line for each, with the JSON path of what has to change in the environment file. A
    /// construct that finds out by itself ends with a stack trace.
    /// </summary>
    internal static IEnumerable<string> RegionFaults(DeploymentEnvironment environment)
    {
        if (SecretsLayer.Fault(environment.Region, environment.Batch.Architecture) is { } fault)
            yield return fault;
        if (environment.Budget is not null && !CostBudget.IsKnownIn(environment.Region))
            yield return $"$.budget: CloudFormation has no budgets in {environment.Region}; make it by hand, in the console of Billing";
        foreach (var (database, tls) in new[] { ("source", environment.Source.Tls), ("analytics", environment.Analytics.Tls) })
            if (tls.CaFile is null && !RdsRoots.Knows(environment.Region))
                yield return $"$.{database}.tls.caFile: is missing: no RDS root certificate is known for {environment.Region}";
    }

    private DatabaseConnection Connection(DatabaseRole role, DatabaseLocation location) =>
        location is ExistingDatabase existing ? DatabaseConnection.To(existing) : _databases!.Connections[role];

    private static string Authorities(TlsSettings tls, string database, string region, string repository)
    {
        if (tls.CaFile is not { } file)
            return RdsRoots.Of(region);
        var path = Path.Combine(repository, "infra", "Environments", file);
        return File.Exists(path)
            ? File.ReadAllText(path)
            : throw new CdcDmsException(ErrorKind.BadDefinition, $"$.{database}.tls.caFile: there is no {path}.");
    }
}
