using System.Globalization;
using System.Text.Json.Nodes;
using CdcDms.Infra.Certificates;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class ReplicationTests
{
    private const string Returns = """{"schema":"public","name":"returns","target":"analytics.returns"}""";

    private static TemplateResources Prod => SynthesizedEnvironment.Of("prod").Stack("replication");

    [Fact]
    public void The_source_is_verified_and_its_slot_decodes_with_test_decoding()
    {
        var source = Prod.One("AWS::DMS::Endpoint", "SourceEndpoint");

        Assert.Equal("verify-full", source.Text("SslMode"));
        Assert.Equal("""{"Ref":"SourceCertificate"}""", source.Text("CertificateArn"));
        var settings = source["PostgreSqlSettings"]!;
        Assert.Equal("test-decoding", settings["PluginName"]!.GetValue<string>());
        Assert.True(settings["FailTasksOnLobTruncation"]!.GetValue<bool>());
        Assert.True(settings["MapBooleanAsBoolean"]!.GetValue<bool>());
        Assert.True(settings["HeartbeatEnable"]!.GetValue<bool>());
        Assert.Null(source["Password"]);
    }

    [Fact]
    public void A_certificate_carries_its_hash_so_that_it_can_be_rotated()
    {
        var certificate = Prod.One("AWS::DMS::Certificate");
        var rotated = Pem.Hash(certificate["CertificatePem"]!.GetValue<string>());

        Assert.Equal($"cdcdms-prod-source-{rotated}", certificate.Text("CertificateIdentifier"));
        Assert.NotEqual(rotated, Pem.Hash("another"));
    }

    [Fact]
    public void The_lake_gets_gzip_parquet_with_op_timestamp_and_date_folders()
    {
        var settings = Prod.One("AWS::DMS::Endpoint", "LakeEndpoint")["S3Settings"]!.AsObject();
        var expected = new JsonObject
        {
            ["CompressionType"] = "gzip",
            ["DataFormat"] = "parquet",
            ["IncludeOpForFullLoad"] = true,
            ["TimestampColumnName"] = "cdc_timestamp",
            ["UseTaskStartTimeForFullLoadTimestamp"] = true,
            ["DatePartitionEnabled"] = true,
            ["DatePartitionSequence"] = "YYYYMMDD",
            ["DatePartitionDelimiter"] = "SLASH",
            ["EnableStatistics"] = true,
            ["EncryptionMode"] = "sse-kms",
            ["ExpectedBucketOwner"] = "444455556666",
        };

        Assert.All(expected, setting => Assert.Equal(setting.Value!.ToJsonString(), settings[setting.Key]?.ToJsonString()));
    }

    [Fact]
    public void Everything_waits_for_Before_and_After_waits_for_everything()
    {
        var guarded = Prod.All.Where(resource => resource.Type.StartsWith("AWS::DMS::", StringComparison.Ordinal)).ToList();
        var after = Prod.One("Custom::CdcDmsAfter");

        Assert.Equal(6, guarded.Count);
        Assert.All(guarded, resource => Assert.Contains("Before", DependsOn(resource)));
        Assert.All(guarded, resource => Assert.Contains(resource.Id, DependsOn(after)));
    }

    [Theory]
    [InlineData("prod", "AWS::DMS::ReplicationInstance", "dms-tasks-cdcdms-prod-g1", "Retain")]
    [InlineData("dev", "AWS::DMS::ReplicationConfig", "dms-serverless-replication-cdcdms-dev-g1", "Delete")]
    public void The_log_of_dms_is_there_before_it_writes_and_its_errors_are_counted(
        string environment, string writer, string name, string whenReplaced)
    {
        var template = SynthesizedEnvironment.Of(environment).Stack("replication");
        var log = Assert.Single(template.OfType("AWS::Logs::LogGroup"), log => log.Text("LogGroupName") == name);

        Assert.Contains(log.Id, DependsOn(template.One(writer)));
        Assert.Equal(("90", whenReplaced, "Delete"), (
            log.Text("RetentionInDays"),
            log.Json["UpdateReplacePolicy"]!.GetValue<string>(),
            log.Json["DeletionPolicy"]!.GetValue<string>()));
        var filter = template.One("AWS::Logs::MetricFilter");
        Assert.Equal("\"]E:\"", filter["FilterPattern"]!.GetValue<string>());
        Assert.Equal($$"""{"Ref":"{{log.Id}}"}""", filter.Text("LogGroupName"));
        var metric = Assert.Single(filter["MetricTransformations"]!.AsArray())!;
        Assert.Equal(("CdcDms", $"ReplicationErrors-{environment}"), ($"{metric["MetricNamespace"]}", $"{metric["MetricName"]}"));
        Assert.Equal($"cdcdms-{environment}/replication-errors", template.One("AWS::Logs::QueryDefinition").Text("Name"));
    }

    [Fact]
    public void Before_and_After_carry_the_same_properties_but_for_their_moment()
    {
        var before = Prod.One("Custom::CdcDmsBefore").Json["Properties"]!.DeepClone();
        var after = Prod.One("Custom::CdcDmsAfter").Json["Properties"]!.DeepClone();
        Assert.Equal("before", before["moment"]!.GetValue<string>());
        after["moment"] = "before";

        Assert.True(JsonNode.DeepEquals(before, after));
    }

    [Fact]
    public void Adding_a_table_changes_its_rules_the_pace_of_the_load_and_what_others_know_of_tables_only()
    {
        var more = SynthesizedEnvironment.Of(new EnvironmentJson("prod").WithTable(Returns));

        Assert.Equal(
            ["After.fingerprint", "After.tables", "Before.fingerprint", "Before.tables",
                "OperateFunctionTablesDDC23075.Content", "Task.ReplicationTaskSettings", "Task.TableMappings",
                "cdcdms-prod-batch.DefinitionString",
                "cdcdms-prod-health.DefinitionString", "cdcdms-prod-preflight.DefinitionString", "cdcdms-prod-proof.DefinitionString"],
            ChangedProperties(SynthesizedEnvironment.Of("prod"), more).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Adding_a_table_is_as_small_a_change_for_serverless()
    {
        var more = SynthesizedEnvironment.Of(new EnvironmentJson("dev").WithTable(Returns));

        Assert.Equal(
            ["After.fingerprint", "After.tables", "Before.fingerprint", "Before.tables",
                "OperateFunctionTablesDDC23075.Content", "Serverless.ReplicationSettings", "Serverless.TableMappings",
                "cdcdms-dev-batch.DefinitionString",
                "cdcdms-dev-health.DefinitionString", "cdcdms-dev-preflight.DefinitionString", "cdcdms-dev-proof.DefinitionString"],
            ChangedProperties(SynthesizedEnvironment.Of("dev"), more).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_custom_resource_gives_its_function_longer_than_the_function_gives_itself()
    {
        foreach (var template in SynthesizedEnvironment.Of("sandbox").Templates.Values.Select(template => new TemplateResources(template)))
            foreach (var resource in template.All.Where(resource => resource.Type.StartsWith("Custom::", StringComparison.Ordinal)))
            {
                var function = template.One("AWS::Lambda::Function", resource["ServiceToken"]!["Fn::GetAtt"]![0]!.GetValue<string>());
                var patience = int.Parse(resource.Text("ServiceTimeout"), CultureInfo.InvariantCulture);

                Assert.True(patience >= function["Timeout"]!.GetValue<int>() + 60, $"{resource}: {patience} s");
            }
    }

    [Theory]
    [InlineData("replication.instance.class", "dms.r6i.xlarge", "Instance.ReplicationInstanceClass")]
    [InlineData("replication.instance.class", "dms.t3.small", "Instance.ReplicationInstanceClass", "Task.ReplicationTaskSettings")]
    [InlineData("replication.instance.engineVersion", "3.6.2", "Instance.EngineVersion", "OperateFunction155E28C0.Environment",
        "cdcdms-prod-preflight.DefinitionString")]
    public void What_restarts_the_instance_stops_the_task_before(string property, string value, params string[] changed)
    {
        var other = SynthesizedEnvironment.Of(new EnvironmentJson("prod").With(property, value));

        Assert.Equal(
            ["After.fingerprint", "Before.fingerprint", .. changed],
            ChangedProperties(SynthesizedEnvironment.Of("prod"), other).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void More_storage_does_not_stop_the_task()
    {
        var more = SynthesizedEnvironment.Of(new EnvironmentJson("prod").With("replication.instance.storageGigabytes", 300));

        Assert.Equal(["Instance.AllocatedStorage"], ChangedProperties(SynthesizedEnvironment.Of("prod"), more));
    }

    [Fact]
    public void A_new_generation_renames_everything_that_DMS_would_replace_has_a_folder_of_its_own_and_can_be_allowed()
    {
        var second = SynthesizedEnvironment.Of(new EnvironmentJson("prod")
            .With("replication.generation", 2).With("replication.allowReplacementForGeneration", 2)).Stack("replication");

        Assert.Equal("cdcdms-prod-g2", second.One("AWS::DMS::ReplicationTask").Text("ResourceIdentifier"));
        Assert.Equal("cdcdms-prod-g2", second.One("AWS::DMS::ReplicationInstance").Text("ResourceIdentifier"));
        Assert.Equal("cdcdms-prod-source-g2", second.One("AWS::DMS::Endpoint", "SourceEndpoint").Text("ResourceIdentifier"));
        Assert.Equal("cdc/g002", second.One("AWS::DMS::Endpoint", "LakeEndpoint")["S3Settings"]!["BucketFolder"]!.GetValue<string>());
        Assert.Equal("2", second.One("Custom::CdcDmsBefore").Text("allowReplacementForGeneration"));
        Assert.Null(Prod.One("Custom::CdcDmsBefore")["allowReplacementForGeneration"]);
        Assert.NotEqual(Prod.One("Custom::CdcDmsBefore").Text("identity"), second.One("Custom::CdcDmsBefore").Text("identity"));
    }

    [Fact]
    public void A_slot_and_its_position_reach_endpoint_and_start()
    {
        var cdc = SynthesizedEnvironment.Of(new EnvironmentJson("prod")
            .With("replication.migrationType", "cdc")
            .With("replication.slot", """{"name":"dms","startLsn":"4AF/B00000D0"}""")).Stack("replication");

        Assert.Equal("cdc", cdc.One("AWS::DMS::ReplicationTask").Text("MigrationType"));
        Assert.Equal("dms", cdc.One("AWS::DMS::Endpoint", "SourceEndpoint")["PostgreSqlSettings"]!["SlotName"]!.GetValue<string>());
        Assert.Equal("4AF/B00000D0", cdc.One("Custom::CdcDmsAfter").Text("cdcStartPosition"));
        Assert.Contains("4AF/B00000D0", Machine(cdc, "restart").Text("DefinitionString"), StringComparison.Ordinal);
    }

    [Fact]
    public void DMS_writes_below_its_prefix_and_reads_its_secret_only()
    {
        var secretRole = Assert.Single(
            Prod.OfType("AWS::IAM::Role"),
            role => role.Id.StartsWith("SourceSecretRole", StringComparison.Ordinal));

        Assert.All(
            ResourcesOf("s3:PutObject"),
            files => Assert.EndsWith("\"/cdc/*\"]]}", files, StringComparison.Ordinal));
        Assert.All(
            ResourcesOf("secretsmanager:"),
            secret => Assert.Contains("secret:shop/dms-AbCdEf", secret, StringComparison.Ordinal));
        Assert.Contains(
            "dms.eu-central-1.amazonaws.com",
            secretRole.Text("AssumeRolePolicyDocument"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_beginning_of_an_update_starts_the_state_machine_that_resumes_after_a_rollback()
    {
        var rule = Prod.One("AWS::Events::Rule");

        Assert.Contains("\"UPDATE_IN_PROGRESS\"", rule.Text("EventPattern"), StringComparison.Ordinal);
        Assert.Contains("AWS::StackId", rule.Text("EventPattern"), StringComparison.Ordinal);
        Assert.Contains(Machine(Prod, "resume-after-rollback").Id, rule.Text("Targets"), StringComparison.Ordinal);
    }

    private static TemplateResource Machine(TemplateResources stack, string name) => stack.OfType("AWS::StepFunctions::StateMachine")
        .Single(machine => machine.Text("StateMachineName") == $"cdcdms-prod-{name}");

    private static IReadOnlyList<string> DependsOn(TemplateResource resource) =>
        [.. resource.Json["DependsOn"]?.AsArray().Select(id => id!.GetValue<string>()) ?? []];

    private static List<string> ResourcesOf(string action, bool ofPreflight = false)
    {
        var statements = Prod.OfType("AWS::IAM::Policy")
            .Where(policy => policy.Id.StartsWith("Preflight", StringComparison.Ordinal) == ofPreflight)
            .SelectMany(policy => policy["PolicyDocument"]!["Statement"]!.AsArray().OfType<JsonNode>())
            .Where(statement => statement["Action"]!.ToJsonString().Contains(action, StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(statements);
        return [.. statements.Select(statement => statement["Resource"]!.ToJsonString())];
    }

    private static List<string> ChangedProperties(SynthesizedEnvironment left, SynthesizedEnvironment right)
    {
        var (before, after) = (left.AllResources().ToList(), right.AllResources().ToList());
        Assert.Equal(before.Select(resource => resource.Id), after.Select(resource => resource.Id));
        return [.. before.Zip(after).SelectMany(pair => pair.First.Json["Properties"]!.AsObject()
            .Where(property => !JsonNode.DeepEquals(property.Value, pair.Second[property.Key]))
            .Select(property => $"{pair.First["StateMachineName"] ?? pair.First.Id}.{property.Key}"))];
    }
}
