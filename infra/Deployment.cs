using Amazon.CDK;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Replication;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra;

/// <summary>All stacks of one environment.</summary>
public sealed class Deployment
{
    /// <summary>Makes them.</summary>
    /// <param name="app">The app that they belong to.</param>
    /// <param name="environment">What to make.</param>
    /// <param name="bundle">The published functions.</param>
    /// <param name="repository">The repository's folder, in which certificates are found.</param>
    /// <exception cref="CdcDmsException">A certificate file is missing.</exception>
    public Deployment(App app, DeploymentEnvironment environment, FunctionBundle bundle, string repository)
    {
        Tags.Of(app).Add("Project", "CdcDms");
        Tags.Of(app).Add("Environment", environment.Name);

        // Functions verify the databases by the same authorities as DMS.
        var sourceAuthorities = Authorities(environment.Source.Tls, "source", environment.Region, repository);
        bundle.Add(FunctionEnvironment.SourceAuthoritiesFile, sourceAuthorities);
        bundle.Add(FunctionEnvironment.TargetAuthoritiesFile, Authorities(environment.Analytics.Tls, "analytics", environment.Region, repository));

        Account = environment.DmsRoles == DmsRoles.Create ? new AccountStack(app, environment) : null;
        Network = new NetworkStack(app, environment);
        Databases = Network.SecurityGroups.Databases.Count > 0 ? new DatabasesStack(app, environment, Network, bundle) : null;
        Lake = new LakeStack(app, environment);
        var source = Connection(DatabaseRole.Source, environment.Source.Location);
        Replication = new ReplicationStack(app, environment, new ReplicationStackProps
        {
            Network = Network,
            Lake = Lake,
            Source = source,
            SourceAuthorities = sourceAuthorities,
            Bundle = bundle,
        });
        Operations = new OperationsStack(app, environment, source.RdsInstanceId);
        Batch = new BatchStack(app, environment, new BatchStackProps
        {
            Network = Network,
            Lake = Lake,
            Operations = Operations,
            Source = source,
            Analytics = Connection(DatabaseRole.Analytics, environment.Analytics.Location),
            Bundle = bundle,
        });

        // The roles come first and are minutes old when DMS assumes them (see AccountStack).
        if (Account is not null)
            Lake.AddDependency(Account);
    }

    /// <summary>The account-wide roles; null when they exist already.</summary>
    public AccountStack? Account { get; }

    /// <summary>The VPC and its security groups.</summary>
    public NetworkStack Network { get; }

    /// <summary>The databases; null when they exist already.</summary>
    public DatabasesStack? Databases { get; }

    /// <summary>The bucket.</summary>
    public LakeStack Lake { get; }

    /// <summary>DMS.</summary>
    public ReplicationStack Replication { get; }

    /// <summary>Alarms.</summary>
    public OperationsStack Operations { get; }

    /// <summary>The hourly workflow.</summary>
    public BatchStack Batch { get; }

    /// <summary>Every stack there is.</summary>
    public IReadOnlyList<EnvironmentStack> Stacks =>
        [.. ((EnvironmentStack?[])[Account, Network, Databases, Lake, Replication, Operations, Batch]).OfType<EnvironmentStack>()];

    private DatabaseConnection Connection(DatabaseRole role, DatabaseLocation location) =>
        location is ExistingDatabase existing ? DatabaseConnection.To(existing) : Databases!.Connections[role];

    private static string Authorities(TlsSettings tls, string database, string region, string repository)
    {
        if (tls.CaFile is not { } file)
            return RdsRoots.For(repository, region);
        var path = Path.Combine(repository, "infra", "Environments", file);
        return File.Exists(path)
            ? File.ReadAllText(path)
            : throw new CdcDmsException(ErrorKind.BadDefinition, $"$.{database}.tls.caFile: there is no {path}.");
    }
}
