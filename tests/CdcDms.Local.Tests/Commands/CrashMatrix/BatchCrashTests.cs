using CdcDms.Testing;
using CdcDms.Testing.Proxies;

namespace CdcDms.Local.Tests.Commands.CrashMatrix;

/// <summary>One batch of changes in two groups of files, since the columns of one file differ.</summary>
public sealed class BatchCrashTests(TestServers servers)
{
    private static readonly Sight Before = new("600 old kept 179700", 600);
    private static readonly Sight After = new("600 new kept 191700", 1270);

    [Fact]
    public async Task A_batch_is_seen_wholly_or_not_at_all_wherever_merges_die()
    {
        await using var scenario = await CreateAsync();

        await new CrashWalk(servers, scenario, Before, After).ArrivesAsync();
    }

    [Theory]
    [InlineData(FetchFault.NoAnswer)]
    [InlineData(FetchFault.HalfTheFile)]
    public async Task A_merge_killed_while_it_fetches_is_as_if_it_never_was(FetchFault fault)
    {
        await using var scenario = await CreateAsync();
        var outcome = await scenario.UndisturbedOutcomeAsync();
        var content = await scenario.ContentAsync();
        await using (var proxy = S3Proxy.Start(servers.S3Server, fault))
        {
            using var merge = scenario.Start(s3: proxy.Endpoint);
            var ending = merge.EndAsync();
            Assert.True(
                await Task.WhenAny(proxy.Stopped, ending) == proxy.Stopped,
                ending.IsCompleted ? $"It ended before it fetched: {await ending}" : "");
            await merge.KillAsync();
        }

        Assert.Equal(Before, await scenario.SeeAsync());
        Assert.Equal(content, await scenario.ContentAsync());
        Assert.Equal(After.Read - Before.Read, await scenario.MergeAsync());
        Assert.Equal(After, await scenario.SeeAsync());
        Assert.Equal(outcome, await scenario.OutcomeAsync());
    }

    /// <summary>20 rows go, 50 are changed twice, 20 come; the files of the second group lack a column.</summary>
    private async Task<CrashScenario> CreateAsync()
    {
        var scenario = await CrashScenario.CreateLoadedAsync(servers);
        await scenario.Lake.CdcAsync(
            CrashScenario.People,
            """
            SELECT 'D' AS op, range + 1000 AS v, range::INTEGER AS id, NULL::VARCHAR AS name, NULL::VARCHAR AS note FROM range(20)
            UNION ALL SELECT 'U', range + 1000, range, 'passing', 'kept' FROM range(100, 150)
            UNION ALL SELECT 'U', range + 2000, range, 'new', 'kept' FROM range(20, 300)
            UNION ALL SELECT 'I', range + 2000, range, 'new', 'kept' FROM range(600, 620)
            """);
        await scenario.Lake.CdcAsync(
            CrashScenario.People, "SELECT 'U' AS op, range + 3000 AS v, range::INTEGER AS id, 'new' AS name FROM range(300, 450)");
        await scenario.Lake.CdcAsync(
            CrashScenario.People, "SELECT 'U' AS op, range + 4000 AS v, range::INTEGER AS id, 'new' AS name FROM range(450, 600)");
        return scenario;
    }
}
