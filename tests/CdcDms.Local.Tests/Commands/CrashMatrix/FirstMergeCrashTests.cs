using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands.CrashMatrix;

/// <summary>The first merge of all: it makes the target and the ledger, then applies a full load.</summary>
public sealed class FirstMergeCrashTests(TestServers servers)
{
    [Fact]
    public async Task An_empty_database_becomes_the_whole_table_wherever_merges_die()
    {
        await using var scenario = await CrashScenario.CreateAsync(servers);
        await scenario.Lake.LoadAsync(
            CrashScenario.People, 1, "SELECT range::INTEGER AS id, 'old' AS name, 'kept' AS note FROM range(600)");

        await new CrashWalk(servers, scenario, new Sight("0", 0), new Sight("600 old kept 179700", 600)).ArrivesAsync();
    }
}
