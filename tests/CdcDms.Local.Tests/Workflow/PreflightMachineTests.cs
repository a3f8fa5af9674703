using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.LambdaHost;
using CdcDms.Local.Workflow;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The state machine that a deployment starts before DMS first starts, over the published function and real databases.</summary>
public sealed class PreflightMachineTests(TestServers servers) : WorkflowFixture(servers)
{
    [Fact]
    public async Task A_deployment_is_told_what_is_found_of_every_table_or_of_those_that_are_added()
    {
        await using var lambda = await StartAsync(Source.ConnectionString);

        var all = Found(await RunAsync(lambda, """{"only":[]}"""));
        var added = Found(await RunAsync(lambda, """{"only":["public.customers"]}"""));

        Assert.Contains(all.Loses, finding => finding.Check == "marker-table");
        Assert.Contains("public.orders", string.Concat(all.Loses.Select(finding => finding.Reason)), StringComparison.Ordinal);
        Assert.Equal("missing-table", Assert.Single(added.Loses).Check);
        Assert.Contains("public.customers", added.Loses[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_start_it_without_an_input_and_a_source_that_is_away_fails_it_with_a_sentence()
    {
        await using (var lambda = await StartAsync(Source.ConnectionString))
            Assert.Contains(Found(await RunAsync(lambda, "{}")).Loses, finding => finding.Check == "marker-table");

        await using var away = await StartAsync("Host=127.0.0.1;Port=1;Username=nobody;Database=nowhere");
        var failed = (await RunAsync(away, "{}"))["failed"]!;

        Assert.Equal("Unavailable", failed["error"]!.GetValue<string>());
        // As a deployment reads it.
        Assert.StartsWith(
            "Cannot open the source database",
            JsonNode.Parse(failed["cause"]!.GetValue<string>())!["errorMessage"]!.GetValue<string>(),
            StringComparison.Ordinal);
    }

    private static PreflightOutput Found(JsonNode ended) =>
        ended["succeeded"].Deserialize(ContractJson.Default.PreflightOutput)!;

    private async Task<LocalLambda> StartAsync(string source)
    {
        var folder = await SynthesizedMachine.FolderAsync();
        return await LocalLambda.StartAsync(
            [
                new LocalFunction
                {
                    Name = FunctionNames.Preflight,
                    BundleFolder = new SynthesizedWorkflow(folder, "dev").Bundle,
                    Handler = "CdcDms.Functions",
                    TimeoutSeconds = 300,
                    MemoryMegabytes = 512,
                    Environment = new Dictionary<string, string>
                    {
                        [FunctionEnvironment.Function] = FunctionNames.Preflight,
                        [FunctionEnvironment.Source] = source,
                        [FunctionEnvironment.Target] = Analytics.ConnectionString,
                    },
                },
            ],
            _ => { },
            CancellationToken.None);
    }

    private static Task<JsonNode> RunAsync(LocalLambda lambda, string input) =>
        SynthesizedMachine.RunAsync("cdcdms-dev-preflight", input, ("lambda", lambda.Endpoint), FunctionNames.Preflight);
}
