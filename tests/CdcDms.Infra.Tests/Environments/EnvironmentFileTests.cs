using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Environments.Reading;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Environments;

public class EnvironmentFileTests
{
    private const string Key = "arn:aws:kms:eu-central-1:444455556666:key/11111111-2222-3333-4444-555555555555";

    [Theory]
    [MemberData(nameof(SynthesizedEnvironment.Names), MemberType = typeof(SynthesizedEnvironment))]
    public void Every_environment_of_the_folder_is_valid(string name) =>
        Assert.Equal(name, EnvironmentFile.Load(Repository.Environments, name).Name);

    [Fact]
    public void Five_faults_are_five_lines()
    {
        var faults = new EnvironmentJson("prod")
            .With("sourse", "{}")
            .With("source.secretArn", "shop/dms")
            .With("lake.compression", "SNAPPY")
            .With("tables.1.target", "analytics.customers")
            .With("replication.instance.class", "dms.t9.huge")
            .Faults();

        Assert.Equal(
            ["$.lake.compression", "$.replication.instance.class", "$.source.secretArn", "$.sourse", "$.tables[1].target"],
            faults.Select(fault => fault.Split(':')[0]).Order());
    }

    [Theory]
    [InlineData("account", "12345", "$.account: '12345' is not an AWS account id of 12 digits")]
    [InlineData("region", null, "$.region: is missing")]
    [InlineData("keepData", "yes", "$.keepData: must be true or false")]
    [InlineData("source.port", 0, "$.source.port: must be a whole number from 1 to 65535")]
    [InlineData(
        "source.secretKmsKeyArn",
        "alias/shop",
        "$.source.secretKmsKeyArn: 'alias/shop' is not the ARN of a KMS key (not of an alias)")]
    [InlineData(
        "source.securityGroupId",
        null,
        "$.source.securityGroupId: must be there, or cidr instead when the database is in another network; not both")]
    [InlineData(
        "source.cidr",
        "0.0.0.0/0",
        "$.source.cidr: '0.0.0.0/0' is not an address range other than the whole internet, such as 10.0.0.0/16")]
    [InlineData("source.tls.mode", "require", "$.source.tls.mode: 'require' is not one of verify-full, verify-ca")]
    [InlineData(
        "source.tls.caFile",
        "../../secret.pem",
        "$.source.tls.caFile: '../../secret.pem' is not the path of a .pem file below infra/Environments")]
    [InlineData("lake.compression", "SNAPPY", "$.lake.compression: 'SNAPPY' is not one of gzip, none")]
    [InlineData(
        "lake.tieringAfterDays",
        9999,
        "$.lake.tieringAfterDays: must be 60 days below retentionDays (2555): before, Intelligent-Tiering costs more than it saves; "
        + "leave it out for none")]
    [InlineData("governance.tags", "{\"CostCenter\":4711}", "$.governance.tags: must be an object of texts")]
    [InlineData(
        "governance.tags",
        "{\"aws:mine\":\"x\"}",
        "$.governance.tags: 'aws:mine' is not a tag's name: at most 128 characters, and not one of AWS's own")]
    [InlineData("governance.rolePath", "data", "$.governance.rolePath: 'data' is not a path with slashes at both ends, such as /data/")]
    [InlineData("lake.prefix", "/cdc/", "$.lake.prefix: '/cdc/' is not a folder without slashes at its ends")]
    [InlineData(
        "network.existing.s3GatewayEndpoint",
        false,
        "$.network.existing.s3GatewayEndpoint: must be true, or nat must be: without one of them DMS does not reach S3")]
    [InlineData(
        "network.create",
        "{\"availabilityZones\":[\"eu-central-1a\",\"eu-central-1b\"]}",
        "$.network: must have exactly one of create and existing")]
    [InlineData(
        "replication.instance.class",
        "db.t3.micro",
        "$.replication.instance.class: 'db.t3.micro' is not a DMS instance class, such as dms.t3.medium or dms.r6i.large")]
    [InlineData(
        "replication.slot",
        "{\"name\":\"dms\",\"startLsn\":\"0/1\"}",
        "$.replication.slot: cannot be used with full-load-and-cdc: DMS makes its slot itself")]
    [InlineData(
        "replication.migrationType",
        "cdc",
        "$.replication.slot: is missing: cdc starts from a slot that was made before, with name and startLsn")]
    [InlineData(
        "replication.serverless",
        "{\"minCapacityUnits\":1,\"maxCapacityUnits\":2}",
        "$.replication.serverless: cannot stand beside instance; keep one of them")]
    [InlineData(
        "replication.allowReplacementForGeneration",
        2,
        "$.replication.allowReplacementForGeneration: names generation 2, but generation is 1; remove it or name that one")]
    [InlineData(
        "replication.acceptedLosses",
        new[] { "Numeric scale" },
        "$.replication.acceptedLosses[0]: 'Numeric scale' is not the name of a check of preflight, such as replica-identity")]
    [InlineData("batch.schedule", "cron(5 25 * * ? *)", "$.batch.schedule: 'cron(5 25 * * ? *)' is not a schedule: '25' is no hour")]
    [InlineData("validation.sampleKeys", 10_001, "$.validation.sampleKeys: must be a whole number from 0 to 10000")]
    [InlineData(
        "lake.prefix",
        "query-results/cdc",
        "$.lake.prefix: is where Athena's results are, which are deleted after a week; choose another than query-results")]
    [InlineData(
        "network.existing.s3PrefixListId",
        "pl-0123456789abcdef0",
        "$.network.existing.s3PrefixListId: leaves no way to Secrets Manager without an endpoint of it in the VPC: nothing else is let out",
        true)]
    [InlineData(
        "source.secretArn",
        "arn:aws:secretsmanager:eu-central-1:444455556666:secret:rds!cluster-12345678-AbCdEf",
        "$.source.secretArn: 'arn:aws:secretsmanager:eu-central-1:444455556666:secret:rds!cluster-12345678-AbCdEf' is not the ARN of a "
        + "secret that holds host and port too, with the six characters at its end; one that RDS manages (rds!…) does not")]
    [InlineData("validation.source.port", 5433, "$.validation.source.secretArn: is missing")]
    [InlineData("validation.repair", "always", "$.validation.repair: 'always' is not one of manual, auto")]
    [InlineData(
        "validation.full.schedule",
        "off",
        "$.validation.full.schedule: 'off' is not a schedule: write it as rate(1 hour) or as cron(5 * * * ? *)")]
    [InlineData(
        "validation.full.leaveOut",
        new[] { "public.orders", "public.order" },
        "$.validation.full.leaveOut[1]: 'public.order' is the source of no table")]
    [InlineData("alarms.targetLatencySeconds", 60, "$.alarms.targetLatencySeconds: must be above $.replication.cdcIntervalSeconds (60)")]
    [InlineData(
        "alarms.analyticsAgeMinutes",
        60,
        "$.alarms.analyticsAgeMinutes: must be above the time between two batches of $.batch.schedule (60 minutes)")]
    [InlineData("replication.markerMinutes", 61, "$.replication.markerMinutes: must be a whole number from 1 to 60")]
    [InlineData(
        "alarms.freshnessMinutes",
        20,
        "$.alarms.freshnessMinutes: must be above three $.replication.markerMinutes and five $.replication.cdcIntervalSeconds "
        + "(20 minutes)")]
    [InlineData("alarms.freeStorageGigabytes", 200, "$.alarms.freeStorageGigabytes: must be below the instance's storage (200 GB)")]
    [InlineData(
        "tables.0.name",
        "orders%",
        "$.tables[0]: public.orders% has a '%', '[' or ']' in the name 'orders%', which DMS would take for a wildcard")]
    [InlineData(
        "tables.0.name",
        "a[b]",
        "$.tables[0]: public.a[b] has a '%', '[' or ']' in the name 'a[b]', which DMS would take for a wildcard")]
    [InlineData(
        "tables.0.name",
        "a/b",
        "$.tables[0]: public.a/b cannot be captured: schema and table name the lake's folders, so neither may hold a slash or be a dot; "
        + "rename it at the source")]
    [InlineData(
        "tables.0.target",
        "analytics.a234567890123456789012345678901234567890123456789012345678901234",
        "$.tables[0]: public.customers has the target analytics.a234567890123456789012345678901234567890123456789012345678901234, "
        + "since 'a234567890123456789012345678901234567890123456789012345678901234' has 64 bytes, and a name of PostgreSQL at most 63")]
    [InlineData(
        "tables.1.name",
        "Customers",
        "$.tables[1].name: 'public.Customers' differs only by case from $.tables[0], which DMS does not tell apart")]
    [InlineData("tables.2.target", "analytics.customers", "$.tables[2].target: 'analytics.customers' is the target of $.tables[0] already")]
    [InlineData("tables.1.name", "customers", "$.tables[1].name: 'public.customers' is the source of $.tables[0] already")]
    [InlineData(
        "tables.0.target",
        "customers",
        "$.tables[0]: public.customers has the target 'customers', which is not a table name: write it as schema.name")]
    public void One_fault_is_one_line_with_its_path(string path, object? value, string line, bool isBehindNat = false)
    {
        var json = new EnvironmentJson("prod").With(path, value);
        if (isBehindNat)
            json.With("network.existing.nat", true).With("network.existing.secretsManagerEndpoint", false);

        Assert.Equal([line], json.Faults());
    }

    [Fact]
    public void A_secret_that_RDS_manages_serves_the_analytics_database_whose_server_the_file_names()
    {
        var json = new EnvironmentJson("prod")
            .With("analytics.secretArn", "arn:aws:secretsmanager:eu-central-1:444455556666:secret:rds!cluster-12345678-AbCdEf");

        var variables = SynthesizedEnvironment.Of(json).Stack("batch").OfType("AWS::Lambda::Function")
            .Select(function => function["Environment"]!["Variables"]!).Where(set => set["CDCDMS_TARGET_SECRET"] is not null).ToList();

        Assert.NotEmpty(variables);
        Assert.All(variables, set => Assert.Equal(
            "analytics.abcdefghijkl.eu-central-1.rds.amazonaws.com:5432", set["CDCDMS_TARGET_SERVER"]!.GetValue<string>()));
    }

    [Fact]
    public void A_database_cannot_be_merged_into_itself() =>
        Assert.StartsWith(
            "$.analytics: is the source database itself",
            Assert.Single(new EnvironmentJson("prod")
                .With("analytics.host", "SHOP.cluster-abcdefghijkl.eu-central-1.rds.amazonaws.com")
                .With("analytics.database", "shop")
                .Faults()),
            StringComparison.Ordinal);

    [Fact]
    public void Another_region_is_noticed_at_everything_that_lives_in_one() =>
        Assert.Equal(
            [
                "$.network.existing.availabilityZones", "$.source.secretArn", "$.analytics.secretArn", "$.source.secretKmsKeyArn",
                "$.analytics.secretKmsKeyArn", "$.lake.kmsKeyArn", "$.governance.logKmsKeyArn",
            ],
            new EnvironmentJson("prod").With("region", "eu-west-1")
                .With("lake.kmsKeyArn", Key).With("governance.logKmsKeyArn", Key).Faults().Select(fault => fault.Split(':')[0]));

    [Theory]
    [InlineData("eu-central-1", "arm64")]
    [InlineData("eu-central-2", "arm64", "$.batch.architecture: eu-central-2 has no AWS Parameters and Secrets extension for arm64")]
    [InlineData("eu-central-2", "x64")]
    [InlineData("cn-north-1", "x64", "$.source.tls.caFile: is missing", "$.analytics.tls.caFile: is missing")]
    [InlineData(
        "eusc-de-east-1",
        "arm64",
        "$.region: eusc-de-east-1 has no AWS Parameters and Secrets extension",
        "$.source.tls.caFile: is missing",
        "$.analytics.tls.caFile: is missing")]
    public void What_a_region_lacks_is_a_line_with_its_path(string region, string architecture, params string[] says)
    {
        var environment = new EnvironmentJson("prod").Read();
        var faults = SynthesizedEnvironment.RegionFaultsOf(environment with
        {
            Region = region,
            Batch = environment.Batch with { Architecture = Enum.Parse<FunctionArchitecture>(architecture, ignoreCase: true) },
        });

        Assert.Equal(says.Length, faults.Count);
        Assert.All(faults.Zip(says), line => Assert.StartsWith(line.Second, line.First, StringComparison.Ordinal));
    }

    [Fact]
    public void The_sovereign_cloud_has_regions_of_its_own_form() =>
        Assert.DoesNotContain(
            new EnvironmentJson("prod").With("region", "eusc-de-east-1").Faults(),
            fault => fault.StartsWith("$.region", StringComparison.Ordinal));

    [Fact]
    public void A_certificate_file_that_is_not_there_is_a_fault_beside_the_others()
    {
        var json = Repository.Read("infra", "Environments", "prod.json")
            .Replace("\"host\"", "\"tls\": { \"caFile\": \"no.pem\" }, \"host\"", StringComparison.Ordinal);

        var lines = Assert.Throws<CdcDmsException>(() => EnvironmentFile.Parse("prod", json, Repository.Environments)).Message.Split('\n');

        Assert.Equal(2, lines.Count(line => line.Contains("tls.caFile: there is no ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_fault_of_a_table_is_a_line_of_its_own()
    {
        var faults = new EnvironmentJson("prod")
            .WithTable("""{"schema":"public","name":"x","target":"x","key":[],"tombstoneRetentionDays":0}""").Faults();

        Assert.Equal(3, faults.Count(fault => fault.StartsWith("$.tables[", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_property_of_a_table_with_a_wrong_form_is_a_line_beside_its_other_faults()
    {
        var faults = new EnvironmentJson("prod")
            .WithTable("""{"schema":"public","target":"x","kee":"id","deletes":"sotf","columns":[{"from":"id"},{"to":"x"}]}""").Faults();

        string[] says =
        [
            ": 'name' is missing", ".kee: there is no such property", ".deletes: must be one of hard, soft", ".columns[0]: 'to' is missing",
            ".columns[1]: 'from' is missing", ": public.[4] has the target 'x', which is not a table name",
        ];
        Assert.Equal(says.Length, faults.Count);
        Assert.All(faults.Zip(says), line => Assert.StartsWith($"$.tables[4]{line.Second}", line.First, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{\"account\":\"1\",\"account\":\"2\"}")]
    public void A_file_that_is_no_object_is_one_fault(string text) =>
        Assert.DoesNotContain('\n', Assert.Throws<CdcDmsException>(() => EnvironmentFile.Parse("x", text)).Message);

    [Theory]
    [InlineData("missing")]
    [InlineData("Dev")]
    [InlineData("../dev")]
    [InlineData("a-much-too-long-name")]
    [InlineData("dev-")]
    [InlineData("-dev")]
    [InlineData("a--b")]
    [InlineData("1dev")]
    public void A_name_without_a_file_is_one_sentence(string name) =>
        Assert.Throws<CdcDmsException>(() => EnvironmentFile.Load(Repository.Environments, name));
}
