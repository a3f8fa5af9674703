using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands.CrashMatrix;

/// <summary>A complete new generation takes the place of all rows.</summary>
public sealed class GenerationCrashTests(TestServers servers)
{
    [Fact]
    public async Task A_table_is_never_empty_or_mixed_wherever_merges_die()
    {
        await using var scenario = await CrashScenario.CreateLoadedAsync(servers);
        var first = await scenario.Lake.LoadAsync(
            CrashScenario.People, 1, "SELECT range::INTEGER AS id, 'new' AS name, 'kept' AS note FROM range(100, 400)");
        var second = await scenario.Lake.LoadAsync(
            CrashScenario.People, 2, "SELECT range::INTEGER AS id, 'new' AS name, 'kept' AS note FROM range(400, 700)");
        await scenario.Lake.ManifestAsync(CrashScenario.People, 1_000, 600, first, second);

        await new CrashWalk(
            servers, scenario, new Sight("600 old kept 179700", 600), new Sight("600 new kept 239700", 1200)).ArrivesAsync();
    }
}
