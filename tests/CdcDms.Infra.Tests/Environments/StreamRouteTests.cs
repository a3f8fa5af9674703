using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Tests.Environments;

/// <summary>What the route through a stream is set by, and what it cannot take.</summary>
public class StreamRouteTests
{
    [Fact]
    public void Files_are_written_by_DMS_unless_the_environment_says_otherwise() =>
        Assert.IsType<DirectRoute>(new EnvironmentJson("dev").Read().Replication.Route);

    [Fact]
    public void A_stream_that_nothing_is_said_of_grows_by_itself_and_keeps_a_week() => Assert.Equal(
        new StreamRoute { Shards = null, RetentionHours = 168 },
        new EnvironmentJson("shared").With("replication.stream", null).Read().Replication.Route);

    [Fact]
    public void Shards_and_retention_are_those_of_the_file() =>
        Assert.Equal(new StreamRoute { Shards = 2, RetentionHours = 72 }, new EnvironmentJson("shared").Read().Replication.Route);

    [Theory]
    [InlineData("replication.route", "firehose", "$.replication.route: 'firehose' is not one of direct, kinesis")]
    [InlineData(
        "replication.route",
        null,
        "$.replication.stream: is of the route kinesis; set route to that, or remove it")]
    [InlineData("replication.stream.shards", 0, "$.replication.stream.shards: must be a whole number from 1 to 500")]
    [InlineData("replication.stream.retentionHours", 23, "$.replication.stream.retentionHours: must be a whole number from 24 to 8760")]
    [InlineData(
        "replication.cdcFileKilobytes",
        32_000,
        "$.replication.cdcFileKilobytes: says nothing with the route kinesis: a file holds one batch of the stream; remove it")]
    [InlineData(
        "replication.cdcIntervalSeconds",
        301,
        "$.replication.cdcIntervalSeconds: must be at most 300 with the route kinesis: Lambda waits no longer for a batch")]
    [InlineData(
        "replication.lobKilobytes",
        501,
        "$.replication.lobKilobytes: must be at most 500 with the route kinesis: a record of a stream has 1 MiB")]
    [InlineData(
        "tables.1.lobKilobytes",
        501,
        "$.tables[1].lobKilobytes: must be at most 500 with the route kinesis: a record of a stream has 1 MiB")]
    [InlineData(
        "alarms.freshnessMinutes",
        25,
        "$.alarms.freshnessMinutes: must be above three $.replication.markerMinutes and ten $.replication.cdcIntervalSeconds "
        + "(25 minutes)")]
    [InlineData(
        "lake.compression",
        "gzip",
        "$.lake.compression: says nothing with the route kinesis: the function writes all its files with zstd; remove it")]
    [InlineData(
        "lake.catalogue",
        true,
        "$.lake.catalogue: cannot be used with the route kinesis: its files hold every value as text, and the catalogue gives them the "
        + "types of the source")]
    [InlineData(
        "tables.0.columns.2.type",
        null,
        "$.tables[0].columns: must list the columns of public.customers with their types, beside its key, with the route kinesis; describe "
        + "writes such a definition")]
    [InlineData(
        "tables.0.key",
        null,
        "$.tables[0].columns: must list the columns of public.customers with their types, beside its key, with the route kinesis; describe "
        + "writes such a definition")]
    public void What_a_stream_cannot_take_is_refused_with_a_sentence(string path, object? value, string fault) =>
        Assert.Equal([fault], new EnvironmentJson("shared").With("alarms.freshnessMinutes", 90).With(path, value).Faults());

    [Fact]
    public void Timestamps_cannot_order_what_comes_through_a_stream() =>
        Assert.Equal(
            ["$.tables[0].ordering: cannot be timestamp with the route kinesis: nothing would tell which of two changes of one transaction "
                + "is the later one; remove it"],
            new EnvironmentJson("shared")
                .With("alarms.freshnessMinutes", 90).With("batch", null).With("tables.0.ordering", "timestamp").Faults());

    [Fact]
    public void At_its_limits_a_setting_is_taken_and_so_is_a_feed_without_types() =>
        Assert.Equal(300, new EnvironmentJson("shared")
            .With("replication.cdcIntervalSeconds", 300).With("alarms.freshnessMinutes", 66)
            .With("replication.lobKilobytes", 500).With("batch", null)
            .WithTable("""{"schema":"public","name":"rates","target":"a.rates","key":["id"],"feed":{"prefix":"processed/rates/"}}""")
            .Read().Replication.CdcIntervalSeconds);

    [Theory]
    [InlineData(false, false, false, false)]
    [InlineData(true, false, false, true)]
    [InlineData(false, true, false, true)]
    [InlineData(false, true, true, false)]
    [InlineData(true, true, true, true)]
    public void A_network_of_yours_needs_a_way_to_Kinesis(bool endpoint, bool nat, bool onlyS3IsLetOut, bool isTaken)
    {
        var json = new EnvironmentJson("shared").With("network", null).With("network.existing", """
            {
              "vpcId": "vpc-0a1b2c3d4e5f60718", "cidr": "10.41.0.0/20",
              "availabilityZones": ["eu-central-1a", "eu-central-1b"],
              "subnetIds": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
              "s3GatewayEndpoint": true, "secretsManagerEndpoint": true
            }
            """).With("network.existing.kinesisEndpoint", endpoint).With("network.existing.nat", nat);
        if (onlyS3IsLetOut)
            json = json.With("network.existing.s3PrefixListId", "pl-0a1b2c3d");

        if (isTaken)
            Assert.IsType<ExistingNetwork>(json.Read().Network);
        else
            Assert.Equal(
                [
                    "$.network.existing.kinesisEndpoint: must be true, or nat must be, without s3PrefixListId: DMS does not reach Kinesis "
                    + "otherwise",
                ],
                json.Faults());
    }
}
