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

    /// <summary>Where the VPC's ways to AWS services are.</summary>
    public required NetworkSettings Network { get; init; }
}

/// <summary>
/// Who may talk to whom: DMS to the source, functions that merge to the analytics database, those that read the source to both, all of
/// them to AWS by HTTPS. All groups stand in one stack, so that no rule ties two stacks together in a circle.
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
        Mergers = Group("Mergers", "CdcDms functions that merge");
        SourceReaders = Group("SourceReaders", "CdcDms functions that read the source");
        Endpoints = EndpointsOf(props.Network);
        foreach (var client in (ISecurityGroup[])[Dms, Mergers, SourceReaders])
        {
            foreach (var services in Services(props.Network))
                client.AddEgressRule(services, Port.HTTPS, "AWS services");
            Endpoints?.AddIngressRule(client, Port.HTTPS, "AWS services");
        }

        var source = Server(DatabaseRole.Source, props.Source);
        Connect(DatabaseRole.Source, source, PortOf(props.Source), Dms, SourceReaders);
        var analytics = Server(DatabaseRole.Analytics, props.Analytics);
        Connect(DatabaseRole.Analytics, analytics, PortOf(props.Analytics), Mergers, SourceReaders);
        if (props.ReadSource is { } read)
            Connect(DatabaseRole.Source, read.SecurityGroupId is { } group ? Imported(group) : source, read.Port, SourceReaders);
    }

    /// <summary>The replication instance or the serverless replication.</summary>
    public SecurityGroup Dms { get; }

    /// <summary>Functions that talk to the analytics database only.</summary>
    public SecurityGroup Mergers { get; }

    /// <summary>Functions that talk to the source, too.</summary>
    public SecurityGroup SourceReaders { get; }

    /// <summary>The VPC endpoints; null when the group of those that are there is not known: then their owner lets our groups in.</summary>
    public ISecurityGroup? Endpoints { get; }

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

    // S3's gateway endpoint answers at public addresses. Their prefix list cannot be known without a lookup; isolated subnets have no other
    // way out.
    private static IEnumerable<IPeer> Services(NetworkSettings network) => network is ExistingNetwork { S3PrefixListId: { } s3 } existing
        ? [Peer.PrefixList(s3), Peer.Ipv4(existing.Cidr)]
        : [Peer.AnyIpv4()];

    private ISecurityGroup? EndpointsOf(NetworkSettings network) => network switch
    {
        ExistingNetwork { SecretsManagerEndpointSecurityGroupId: { } group } => Imported(group),
        ExistingNetwork => null,
        _ => Group("Endpoints", "Endpoints of AWS services"),
    };

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
