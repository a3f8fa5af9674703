namespace CdcDms.Infra.Environments.Reading;

internal static class NetworkSettingsReader
{
    public static NetworkSettings Read(Section network)
    {
        if (network.Has("create") == network.Has("existing"))
            network.Findings.Require(false, network.Path, "must have exactly one of create and existing");
        NetworkSettings settings = network.Has("existing") ? Existing(network.Child("existing")) : Created(network.Child("create"));
        network.End();
        return settings;
    }

    private static CreatedNetwork Created(Section create)
    {
        var settings = new CreatedNetwork
        {
            Cidr = create.Text("cidr", Defaults.Cidr, Pattern.Cidr),
            AvailabilityZones = create.Texts("availabilityZones", Pattern.Zone, fewest: 2),
        };
        create.End();
        return settings;
    }

    private static ExistingNetwork Existing(Section existing)
    {
        var nat = existing.Flag("nat", false);
        var settings = new ExistingNetwork
        {
            VpcId = existing.Text("vpcId", Pattern.Vpc),
            Cidr = existing.Text("cidr", Pattern.Cidr),
            AvailabilityZones = existing.Texts("availabilityZones", Pattern.Zone, fewest: 2),
            SubnetIds = existing.Texts("subnetIds", Pattern.Subnet, fewest: 2),
            ReachesKinesis = existing.Flag("kinesisEndpoint", false) || (nat && !existing.Sets("s3PrefixListId")),
            SecretsManagerEndpointSecurityGroupId =
                existing.OptionalText("secretsManagerEndpointSecurityGroupId", Pattern.SecurityGroup),
            S3PrefixListId = existing.OptionalText("s3PrefixListId", Pattern.PrefixList),
        };
        existing.Findings.Require(
            settings.SubnetIds.Count == settings.AvailabilityZones.Count,
            existing.At("subnetIds"),
            "must name one subnet for each availability zone",
            existing.At("availabilityZones"));
        RequireWay(existing, "s3GatewayEndpoint", "S3", nat);
        RequireWay(existing, "secretsManagerEndpoint", "Secrets Manager", nat);
        existing.Findings.Require(
            settings.S3PrefixListId is null || existing.Flag("secretsManagerEndpoint", false),
            existing.At("s3PrefixListId"),
            "leaves no way to Secrets Manager without an endpoint of it in the VPC: nothing else is let out",
            existing.At("secretsManagerEndpoint"));
        existing.End();
        return settings;
    }

    // DMS 3.4.7 and later reaches both over the VPC only (docs/dms-contract.md#s3-role-and-limits); without a way the task would fail an
    // hour after the deploy.
    private static void RequireWay(Section existing, string endpoint, string service, bool nat) =>
        existing.Findings.Require(
            existing.Flag(endpoint, false) || nat,
            existing.At(endpoint),
            $"must be true, or nat must be: without one of them DMS does not reach {service}",
            existing.At("nat"));
}
