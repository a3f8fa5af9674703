using Amazon.CDK.AWS.EC2;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Sandbox;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>What the databases stack needs.</summary>
public sealed record DatabasesStackProps
{
    /// <summary>Where the databases are made, and where the function runs that fills them.</summary>
    public required FunctionNetwork Network { get; init; }

    /// <summary>The security groups of the databases that are made.</summary>
    public required IReadOnlyDictionary<DatabaseRole, SecurityGroup> SecurityGroups { get; init; }

    /// <summary>The functions.</summary>
    public required FunctionBundle Bundle { get; init; }
}

/// <summary>The databases of an environment that has none yet.</summary>
public sealed class DatabasesStack : EnvironmentStack
{
    private readonly DeploymentEnvironment _environment;
    private readonly DatabasesStackProps _props;

    /// <summary>Makes the stack.</summary>
    public DatabasesStack(Construct scope, DeploymentEnvironment environment, DatabasesStackProps props)
        : base(scope, StackNames.Databases(environment), environment, "CdcDms: RDS for PostgreSQL to try things out")
    {
        (_environment, _props) = (environment, props);
        var source = Database(DatabaseRole.Source, environment.Source.Location, environment.Source.Database, "dms");
        var analytics = Database(DatabaseRole.Analytics, environment.Analytics.Location, environment.Analytics.Database, "loader");
        if (source is not null && analytics is not null)
            _ = new SampleShop(this, "Shop", new SampleShopProps
            {
                Bundle = props.Bundle,
                Network = props.Network,
                Source = source,
                Analytics = analytics,
                LogRemoval = DataRemoval,
            });
    }

    /// <summary>How others connect to the databases.</summary>
    public Dictionary<DatabaseRole, DatabaseConnection> Connections { get; } = [];

    private SandboxDatabase? Database(DatabaseRole role, DatabaseLocation location, string name, string user)
    {
        if (location is not CreatedDatabase created)
            return null;
        var database = new SandboxDatabase(this, role.ToString(), new SandboxDatabaseProps
        {
            Role = role,
            Settings = created,
            Database = name,
            User = user,
            Vpc = _props.Network.Vpc,
            SecurityGroup = _props.SecurityGroups[role],
            Removal = DataRemoval,
        });
        Connections[role] = database.Connection;
        Offer(database.Connection.Host, database.Connection.SecretArn, database.Connection.RdsInstanceId!);
        return database;
    }
}
