using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Network;

/// <summary>What the security groups need.</summary>
public sealed record SecurityGroupsProps
{
    /// <summary>The VPC that the groups belong to.</summary>
    public required IVpc Vpc { get; init; }

    /// <summary>The database whose changes are captured.</summary>
    public required DatabaseLocation Source { get; init; }

    /// <summary>The database into which changes are merged.</summary>
    public required DatabaseLocation Analytics { get; init; }

    /// <summary>What the functions read at the source besides; null for nothing.</summary>
    public required ReadSourceSettings? ReadSource { get; init; }
}

/// <summary>
/// Who may talk to whom: DMS to the source, the functions to both databases, all of them to AWS by HTTPS. All groups stand in one
/// stack, so that no rule ties two stacks together in a circle.
/// </summary>
public sealed class SecurityGroups : Construct
{
    private readonly Dictionary<string, ISecurityGroup> _imported = [];
    private readonly IVpc _vpc;

    /// <summary>Makes the groups and their rules.</summary>
    public SecurityGroups(Construct scope, string id, SecurityGroupsProps props)
        : base(scope, id)
    {
        _vpc = props.Vpc;
        Dms = Group("Dms", "DMS replication");
        Functions = Group("Functions", "CdcDms functions");
        Endpoints = Group("Endpoints", "Endpoints of AWS services");
        foreach (var client in (ISecurityGroup[])[Dms, Functions])
        {
            // S3's gateway endpoint answers at public addresses, whose prefix list cannot be known without a lookup;
            // the isolated subnets have no other way out.
            client.AddEgressRule(Peer.AnyIpv4(), Port.HTTPS, "AWS services");
            Endpoints.AddIngressRule(client, Port.HTTPS, "AWS services");
        }

        var source = Server(DatabaseRole.Source, props.Source);
        Connect(DatabaseRole.Source, source, PortOf(props.Source), Dms, Functions);
        Connect(DatabaseRole.Analytics, Server(DatabaseRole.Analytics, props.Analytics), PortOf(props.Analytics), Functions);
        if (props.ReadSource is { } read)
            Connect(DatabaseRole.Source, read.SecurityGroupId is { } group ? Imported(group) : source, read.Port, Functions);
    }

    /// <summary>The replication instance or the serverless replication.</summary>
    public SecurityGroup Dms { get; }

    /// <summary>Functions that talk to a database.</summary>
    public SecurityGroup Functions { get; }

    /// <summary>The VPC endpoints.</summary>
    public SecurityGroup Endpoints { get; }

    /// <summary>The databases that this environment makes itself.</summary>
    public Dictionary<DatabaseRole, SecurityGroup> Databases { get; } = [];

    private static int PortOf(DatabaseLocation location) => location is ExistingDatabase { Port: var number } ? number : Defaults.Port;

    private static void Connect(DatabaseRole role, IPeer server, int portNumber, params ReadOnlySpan<SecurityGroup> clients)
    {
        var port = Port.Tcp(portNumber);
        foreach (var client in clients)
        {
            if (server is ISecurityGroup group)
                group.AddIngressRule(client, port, $"{role} database");
            client.AddEgressRule(server, port, $"{role} database");
        }
    }

    private IPeer Server(DatabaseRole role, DatabaseLocation location) => location switch
    {
        CreatedDatabase => Databases[role] = Group($"{role}Database", $"{role} database"),
        ExistingDatabase { Peer: CidrPeer(var cidr) } => Peer.Ipv4(cidr),
        ExistingDatabase { Peer: SecurityGroupPeer(var id) } => Imported(id),
        _ => throw new InvalidOperationException($"{location} is no database."),
    };

    // Source and analytics may share a group; two imports of that group would make the same rule twice, which EC2 refuses.
    private ISecurityGroup Imported(string groupId)
    {
        if (!_imported.TryGetValue(groupId, out var group))
        {
            var options = new SecurityGroupImportOptions { Mutable = true, AllowAllOutbound = true };
            _imported[groupId] = group = SecurityGroup.FromSecurityGroupId(this, $"Existing-{groupId}", groupId, options);
        }

        return group;
    }

    private SecurityGroup Group(string id, string description) => new(this, id, new SecurityGroupProps
    {
        Vpc = _vpc,
        Description = $"{description} ({Stack.Of(this).StackName})",
        AllowAllOutbound = false,
        DisableInlineRules = true,
    });
}
