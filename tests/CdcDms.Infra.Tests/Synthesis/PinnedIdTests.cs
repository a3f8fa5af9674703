namespace CdcDms.Infra.Tests.Synthesis;

/// <summary>
/// The logical ids of what DMS owns, as data: CloudFormation answers another id with a new task, endpoint or instance, which would load
/// every table again. An id is added here with a new resource; none is ever changed.
/// </summary>
public class PinnedIdTests
{
    private static readonly string[] Always =
    [
        "AWS::DMS::Certificate SourceCertificate",
        "AWS::DMS::Endpoint LakeEndpoint",
        "AWS::DMS::Endpoint SourceEndpoint",
        "AWS::DMS::ReplicationSubnetGroup Subnets",
        "Custom::CdcDmsAfter After",
        "Custom::CdcDmsBefore Before",
    ];

    private static readonly string[] OnAnInstance = ["AWS::DMS::ReplicationInstance Instance", "AWS::DMS::ReplicationTask Task"];

    private static readonly string[] Serverless = ["AWS::DMS::ReplicationConfig Serverless"];

    [Theory]
    [InlineData("prod")]
    [InlineData("sandbox")]
    public void A_replication_on_an_instance_has_the_ids_it_has_always_had(string name) =>
        Assert.Equal([.. Always.Concat(OnAnInstance).Order(StringComparer.Ordinal)], Ids(name));

    [Fact]
    public void A_serverless_replication_has_the_ids_it_has_always_had() =>
        Assert.Equal([.. Always.Concat(Serverless).Order(StringComparer.Ordinal)], Ids("dev"));

    [Fact]
    public void A_replication_into_a_stream_has_an_endpoint_with_an_id_of_its_own() => Assert.Equal(
        [.. Always.Concat(OnAnInstance).Select(id => id.Replace("LakeEndpoint", "StreamEndpoint")).Order(StringComparer.Ordinal)],
        Ids("shared"));

    private static string[] Ids(string name) =>
    [
        .. SynthesizedEnvironment.Of(name).AllResources()
            .Where(resource => resource.Type.StartsWith("AWS::DMS::", StringComparison.Ordinal)
                || resource.Type is "Custom::CdcDmsBefore" or "Custom::CdcDmsAfter")
            .Select(resource => resource.ToString())
            .Order(StringComparer.Ordinal),
    ];
}
