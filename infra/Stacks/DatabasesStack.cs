using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Sandbox;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>The databases of an environment that has none yet.</summary>
public sealed class DatabasesStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public DatabasesStack(Construct scope, DeploymentEnvironment environment, NetworkStack network, FunctionBundle bundle)
        : base(scope, "databases", environment, "CdcDms: RDS for PostgreSQL to try things out")
    {
        var databases = new (DatabaseRole Role, DatabaseLocation Location, string Database, string User)[]
        {
            (DatabaseRole.Source, environment.Source.Location, environment.Source.Database, "dms"),
            (DatabaseRole.Analytics, environment.Analytics.Location, environment.Analytics.Database, "loader"),
        };
        var made = new Dictionary<DatabaseRole, SandboxDatabase>();
        foreach (var (role, location, database, user) in databases)
        {
            if (location is not CreatedDatabase created)
                continue;
            var instance = new SandboxDatabase(this, role, new SandboxDatabaseProps
            {
                Settings = created,
                Identifier = $"cdcdms-{environment.Name}-{role.ToString().ToLowerInvariant()}",
                Database = database,
                User = user,
                Network = network,
                Removal = DataRemoval,
            });
            made[role] = instance;
            Connections[role] = instance.Connection;
            Offer(instance.Connection.Host, instance.Connection.SecretArn);
        }

        if (made.Count == 2)
            SandboxShop.Create(this, network, bundle, made[DatabaseRole.Source], made[DatabaseRole.Analytics], DataRemoval);
    }

    /// <summary>How others connect to them.</summary>
    public Dictionary<DatabaseRole, DatabaseConnection> Connections { get; } = [];
}
