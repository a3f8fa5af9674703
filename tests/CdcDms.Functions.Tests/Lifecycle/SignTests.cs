using System.Text.Json.Nodes;
using static CdcDms.Functions.Tests.Lifecycle.StackDeployment;

namespace CdcDms.Functions.Tests.Lifecycle;

/// <summary>By what alarms learn that the replication stands still on purpose.</summary>
public sealed class SignTests : IDisposable
{
    private readonly StackDeployment _deployment = new();

    public void Dispose() => _deployment.Dispose();

    [Fact]
    public async Task A_stop_gives_a_sign_before_it_and_after_it()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("running") { WhenStopped = ["stopping", "stopped"] };
        var begun = _deployment.Clock.GetUtcNow().ToUnixTimeMilliseconds();

        (await _deployment.UpdateAsync(Before(), Before() with { Fingerprint = "b" })).Succeeded();

        var signs = Signs();
        Assert.Equal([MetricNames.Deploying, MetricNames.Deploying], signs.Select(Metric));
        Assert.Equal(
            [begun, _deployment.Clock.GetUtcNow().ToUnixTimeMilliseconds()],
            signs.Select(sign => sign["_aws"]!["Timestamp"]!.GetValue<long>()));
        Assert.All(signs, sign => Assert.Equal(
            ("""[["Environment"]]""", "local", 1),
            (Directive(sign)["Dimensions"]!.ToJsonString(), sign["Environment"]!.GetValue<string>(), sign[Metric(sign)]!.GetValue<int>())));
    }

    [Fact]
    public async Task A_stop_that_fails_gives_a_sign_at_its_end_too()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("running") { WhenStopped = ["stopping"] };

        (await _deployment.UpdateAsync(Before(), Before() with { Fingerprint = "b" })).Failed("did not stop in time");

        Assert.Equal([MetricNames.Deploying, MetricNames.Deploying], Signs().Select(Metric));
    }

    [Theory]
    [InlineData("ready", true)]
    [InlineData("stopped", false)]
    public async Task Only_the_first_start_of_a_replication_gives_a_sign_of_its_own(string status, bool isFirst)
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication(status) { WhenStarted = ["starting", "running"] };

        (await _deployment.CreateAsync(After())).Succeeded();

        Assert.Equal(isFirst ? 1 : 0, Signs().Count(sign => Metric(sign) == MetricNames.FirstStart));
    }

    private List<JsonNode> Signs() =>
        [.. _deployment.Log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];

    private static JsonNode Directive(JsonNode sign) => Assert.Single(sign["_aws"]!["CloudWatchMetrics"]!.AsArray())!;

    private static string Metric(JsonNode sign) => Directive(sign)["Metrics"]![0]!["Name"]!.GetValue<string>();
}
