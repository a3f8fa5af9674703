namespace CdcDms.Infra.Environments;

/// <summary>The VPC of an environment.</summary>
public abstract record NetworkSettings
{
    /// <summary>Two or more availability zones; DMS's subnet group needs two.</summary>
    public required IReadOnlyList<string> AvailabilityZones { get; init; }
}

/// <summary>A VPC that is there already and has a way to S3 and Secrets Manager.</summary>
public sealed record ExistingNetwork : NetworkSettings
{
    /// <summary>The VPC's id.</summary>
    public required string VpcId { get; init; }

    /// <summary>The VPC's address range, in which its endpoints answer.</summary>
    public required string Cidr { get; init; }

    /// <summary>Whether DMS reaches Kinesis: by an endpoint of the VPC, or by NAT where that is let out. Default: by NAT only.</summary>
    public required bool ReachesKinesis { get; init; }

    /// <summary>Private subnets, one for each zone, in the order of the zones.</summary>
    public required IReadOnlyList<string> SubnetIds { get; init; }

    /// <summary>
    /// The security group of the Secrets Manager endpoint; it gets an ingress rule for what connects from here. Default: not known, its
    /// owner lets the groups in.
    /// </summary>
    public string? SecretsManagerEndpointSecurityGroupId { get; init; }

    /// <summary>
    /// The managed prefix list of S3 in the region: egress by HTTPS then goes there and into the VPC only. Default: not known, egress by
    /// HTTPS goes anywhere the subnets have a route to.
    /// </summary>
    public string? S3PrefixListId { get; init; }
}

/// <summary>A VPC of our own: private subnets without a route to the internet, endpoints for S3 and Secrets Manager.</summary>
public sealed record CreatedNetwork : NetworkSettings
{
    /// <summary>The VPC's address range. Default: <see cref="Defaults.Cidr"/>.</summary>
    public required string Cidr { get; init; }
}
