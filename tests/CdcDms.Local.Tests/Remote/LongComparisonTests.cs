using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Contract.Functions;
using CdcDms.Local.Tests.Commands;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Proofs;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Remote;

/// <summary>Comparisons by the name of an environment that one call of its function does not end.</summary>
public sealed class LongComparisonTests(TestServers servers)
{
    private readonly List<JsonNode> _asked = [];

    [Fact]
    public async Task A_comparison_that_takes_longer_than_a_call_goes_on_in_the_next_calls_of_its_own_run()
    {
        var compared = new Queue<ComparisonMore>([ComparisonMore.Time, ComparisonMore.Time, ComparisonMore.Nothing]);
        await using var lambda = await AwsStandIn.StartAsync((_, body) =>
        {
            _asked.Add(JsonNode.Parse(body)!);
            return (200, "", $$$"""{"report":"here","json":{{{Report((string)_asked[^1]["verb"]!, compared)}}}}""");
        });
        using var command = CommandLine.Start(
            servers,
            new Dictionary<string, string?> { ["AWS_ENDPOINT_URL_LAMBDA"] = lambda.Url.ToString() },
            ["repair", "--env", "dev", "--table", "public.orders", "--all", "--json"]);

        var (exitCode, output, errors) = await command.EndAsync();

        Assert.True(exitCode == 0, output + errors);
        Assert.Equal(["tables", "prove-all", "prove-all", "prove-all", "proofs"], _asked.Select(request => (string?)request["verb"]));
        Assert.Single(_asked.Skip(1).Select(request => (string?)request["run"]).Distinct());
        Assert.Equal(7, (int)JsonNode.Parse(output)!["tables"]![0]!["sourceRows"]!);
    }

    private static string Deployed => JsonNode.Parse(Repository.Read("infra", "Environments", "dev.json"))!["tables"]!.ToJsonString();

    private static string Report(string verb, Queue<ComparisonMore> compared) => verb switch
    {
        "tables" => $$"""{"tables":{{Deployed}},"faults":[]}""",
        "prove-all" => JsonSerializer.Serialize(Full(compared.Dequeue()), OperateJson.Default.FullProof),
        _ => JsonSerializer.Serialize(ProofResult.Together([]), OperateJson.Default.ProofResult),
    };

    private static FullProof Full(ComparisonMore more) => new(
        new ValidateOutput
        {
            Table = "public.orders",
            SourceRows = 7,
            TargetRows = 7,
            Missing = 0,
            Extra = 0,
            Changed = 0,
            DifferentColumns = [],
        },
        [],
        0)
    {
        More = more,
        Incomplete = null,
    };
}
