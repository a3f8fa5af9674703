using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands.CrashMatrix;

/// <summary>A complete new generation replaces rows batch by batch, and removes at the end those that it does not have.</summary>
public sealed class GenerationCrashTests(TestServers servers)
{
    [Fact]
    public async Task A_table_is_never_empty_and_no_row_goes_back_wherever_merges_die()
    {
        await using var scenario = await CrashScenario.CreateLoadedAsync(servers);
        scenario.Lake.Generation = 2;
        var first = await scenario.Lake.LoadAsync(
            CrashScenario.People, 1, "SELECT range::INTEGER AS id, 'new' AS name, 'kept' AS note FROM range(100, 400)");
        var second = await scenario.Lake.LoadAsync(
            CrashScenario.People, 2, "SELECT range::INTEGER AS id, 'new' AS name, 'kept' AS note FROM range(400, 700)");
        await scenario.Lake.ManifestAsync(CrashScenario.People, first, second);

        await new CrashWalk(
            servers,
            scenario,
            new Sight("600 old kept 179700", 600),
            new Sight("700 new+old kept 244650", 1200),
            new Sight("600 new kept 239700", 1200)).ArrivesAsync();
    }
}
