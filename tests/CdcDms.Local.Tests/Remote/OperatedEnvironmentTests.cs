using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.Remote;

namespace CdcDms.Local.Tests.Remote;

/// <summary>What the command line takes from an environment's file.</summary>
public sealed class OperatedEnvironmentTests
{
    private const string Place = """ "account":"111122223333","region":"eu-central-1" """;

    private static readonly TableList Deployed = ContractJson.ReadTables(
        """
        [{"schema":"public","name":"orders","target":"analytics.orders","key":["id"],
          "columns":[{"from":"id","to":"id","type":"integer"}]}]
        """,
        "here");

    [Theory]
    [InlineData("""{"tables":[{"schema":"public"}],$}""", "dev.json $.tables")]
    [InlineData("""{"tables":7,$}""", "dev.json $.tables is not a list of table definitions")]
    [InlineData("""{$}""", "dev.json $.tables holds no table definition.")]
    public void Faulty_definitions_of_the_checkout_stop_no_verb_that_goes_by_those_of_the_deployment(string file, string says)
    {
        var environment = OperatedEnvironment.Parse("dev", "dev.json", file.Replace("$", Place, StringComparison.Ordinal));

        Assert.StartsWith(
            $"The definitions of dev as deployed count here, and were not compared with this checkout's: {says}",
            environment.Difference(Deployed, []),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"region":"eu-central-1"}""")]
    [InlineData("""{"account":"1","region":"eu-central-1"}""")]
    [InlineData("""{"account":"111122223333","region":"here"}""")]
    [InlineData("""{"account":""")]
    public void A_file_that_does_not_say_where_the_environment_is_cannot_be_used(string file)
    {
        var fault = Assert.Throws<CdcDmsException>(() => OperatedEnvironment.Parse("dev", "dev.json", file));

        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.StartsWith("dev.json cannot be used: ", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("; npx cdk synth -c env=dev shows all that is wrong with it.", fault.Message, StringComparison.Ordinal);
    }
}
