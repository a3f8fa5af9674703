using System.Text.Json;
using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.RDS;
using Amazon.CDK.AWS.SecretsManager;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Sandbox;

/// <summary>What one database needs.</summary>
internal sealed record SandboxDatabaseProps
{
    public required DatabaseRole Role { get; init; }

    public required CreatedDatabase Settings { get; init; }

    public required string Database { get; init; }

    /// <summary>The role that DMS or the functions connect as; a secret with its password is generated.</summary>
    public required string User { get; init; }

    public required IVpc Vpc { get; init; }

    public required ISecurityGroup SecurityGroup { get; init; }

    /// <summary>What happens to the database and its secrets when the stack goes.</summary>
    public required RemovalPolicy Removal { get; init; }
}

/// <summary>An RDS for PostgreSQL 17 instance: private, encrypted, TLS enforced; the source with logical replication.</summary>
internal sealed class SandboxDatabase : Construct
{
    // RDS withdraws minor versions for new instances: of a major version alone it takes the minor that it recommends.
    private const string Version = "17";

    public SandboxDatabase(Construct scope, string id, SandboxDatabaseProps props)
        : base(scope, id)
    {
        var version = PostgresEngineVersion.Of(Version, Version);
        var engine = DatabaseInstanceEngine.Postgres(new PostgresInstanceEngineProps { Version = version });
        var parameters = new ParameterGroup(this, "Parameters", new ParameterGroupProps
        {
            Engine = engine,
            Parameters = Parameters(props.Role),
        });
        var instance = new DatabaseInstance(this, "Instance", new DatabaseInstanceProps
        {
            Engine = engine,
            InstanceType = new Amazon.CDK.AWS.EC2.InstanceType(props.Settings.InstanceClass["db.".Length..]),
            AllocatedStorage = props.Settings.StorageGigabytes,
            StorageType = StorageType.GP3,
            StorageEncrypted = true,
            DatabaseName = props.Database,
            Credentials = Credentials.FromGeneratedSecret("postgres"),
            ParameterGroup = parameters,
            Vpc = props.Vpc,
            VpcSubnets = new SubnetSelection { SubnetType = SubnetType.PRIVATE_ISOLATED },
            SecurityGroups = [props.SecurityGroup],
            PubliclyAccessible = false,
            MultiAz = false,
            BackupRetention = Duration.Days(1),
            CopyTagsToSnapshot = true,
            DeletionProtection = props.Removal != RemovalPolicy.DESTROY,
            RemovalPolicy = props.Removal,
        });

        // cfn-lint knows minor versions only, and warns of a major one.
        var config = new Dictionary<string, object> { ["ignore_checks"] = new[] { "W3691" } };
        ((CfnResource)instance.Node.DefaultChild!).AddMetadata("cfn-lint", new Dictionary<string, object> { ["config"] = config });
        Master = instance.Secret!;
        var user = UserSecret(props, instance);
        Connection = new DatabaseConnection
        {
            Host = instance.DbInstanceEndpointAddress,
            Port = Defaults.Port,
            SecretArn = user.SecretArn,
            RdsInstanceId = instance.InstanceIdentifier,
        };
    }

    public DatabaseConnection Connection { get; }

    /// <summary>The secret of the instance's owner.</summary>
    public ISecret Master { get; }

    // wal_sender_timeout must be 0 or at least 10 s and under 5 min, max_slot_wal_keep_size must not be set
    // (docs/dms-contract.md#source-database).
    private static Dictionary<string, string> Parameters(DatabaseRole role) => role == DatabaseRole.Source
        ? new()
        {
            ["rds.force_ssl"] = "1",
            ["rds.logical_replication"] = "1",
            ["max_replication_slots"] = "10",
            ["max_wal_senders"] = "15",
        }
        : new() { ["rds.force_ssl"] = "1" };

    // DMS takes host and port from the secret, too (docs/dms-contract.md#secrets).
    private Secret UserSecret(SandboxDatabaseProps props, DatabaseInstance instance) => new(this, "UserSecret", new SecretProps
    {
        Description = $"{props.User} on the {props.Role} database",
        RemovalPolicy = props.Removal,
        GenerateSecretString = new SecretStringGenerator
        {
            GenerateStringKey = "password",
            PasswordLength = 32,
            ExcludePunctuation = true,
            SecretStringTemplate = JsonSerializer.Serialize(new
            {
                username = props.User,
                host = instance.DbInstanceEndpointAddress,
                port = Defaults.Port,
                dbname = props.Database,
            }),
        },
    });
}
