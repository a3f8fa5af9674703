using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class DatabasesTests
{
    private static TemplateResources Databases => SynthesizedEnvironment.Of("sandbox").Stack("databases");

    [Fact]
    public void Both_databases_force_tls_and_the_source_decodes_logically()
    {
        var parameters = Databases.OfType("AWS::RDS::DBParameterGroup").Select(group => group.Text("Parameters")).ToList();

        Assert.Equal(2, parameters.Count);
        Assert.All(parameters, text => Assert.Contains("\"rds.force_ssl\":\"1\"", text, StringComparison.Ordinal));
        Assert.Single(parameters, text => text.Contains("\"rds.logical_replication\":\"1\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Passwords_are_generated_and_stand_in_no_template()
    {
        Assert.Equal(4, Databases.OfType("AWS::SecretsManager::Secret").Count(secret => secret["GenerateSecretString"] is not null));
        Assert.All(
            Databases.OfType("AWS::RDS::DBInstance"),
            instance => Assert.Contains("{{resolve:secretsmanager:", instance.Text("MasterUserPassword"), StringComparison.Ordinal));
    }

    [Fact]
    public void DMS_reads_the_secret_of_its_own_user()
    {
        var source = SynthesizedEnvironment.Of("sandbox").Stack("replication").One("AWS::DMS::Endpoint", "SourceEndpoint");

        Assert.Contains(
            "Fn::ImportValue",
            source["PostgreSqlSettings"]!["SecretsManagerSecretId"]!.ToJsonString(),
            StringComparison.Ordinal);
    }
}
