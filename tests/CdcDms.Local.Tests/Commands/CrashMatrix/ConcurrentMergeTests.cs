using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Commands.CrashMatrix;

/// <summary>Two processes merge one table at once. Both have begun, and neither knows what waits, before either may go on.</summary>
public sealed class ConcurrentMergeTests(TestServers servers)
{
    [Fact]
    public async Task Two_merges_of_full_load_files_and_changes_apply_each_file_once()
    {
        await using var scenario = await CrashScenario.CreateAsync(servers);
        // A lake without any object is taken for a wrong one.
        await scenario.Lake.PutBytesAsync(scenario.Lake.Uri.Key("any"), [0]);
        await scenario.MergeAsync();
        for (var file = 0; file < 4; file++)
            await scenario.Lake.LoadAsync(
                CrashScenario.People,
                file + 1,
                $"SELECT range::INTEGER AS id, 'old' AS name, 'kept' AS note FROM range({file * 500}, {(file + 1) * 500})");
        for (var file = 1; file <= 4; file++)
            await scenario.Lake.CdcAsync(
                CrashScenario.People,
                $"SELECT 'U' AS op, {file} AS v, range::INTEGER AS id, 'file {file}' AS name, 'kept' AS note FROM range(2000)");

        await RaceAsync(
            scenario, new Sight("0", 0), new Sight("2000 old kept 1999000", 2000), new Sight("2000 file 4 kept 1999000", 10_000));
    }

    [Fact]
    public async Task Two_merges_of_a_generation_and_changes_apply_each_once()
    {
        await using var scenario = await CrashScenario.CreateLoadedAsync(servers);
        scenario.Lake.Generation = 2;
        var load = await scenario.Lake.LoadAsync(
            CrashScenario.People, 1, "SELECT range::INTEGER AS id, 'new' AS name, 'kept' AS note FROM range(100, 700)");
        await scenario.Lake.ManifestAsync(CrashScenario.People, load);
        await scenario.Lake.CdcAsync(
            CrashScenario.People,
            "SELECT 'U' AS op, range + 2000 AS v, range::INTEGER AS id, 'newest' AS name, 'kept' AS note FROM range(100, 700)");

        await RaceAsync(
            scenario,
            new Sight("600 old kept 179700", 600),
            new Sight("700 new+old kept 244650", 1200),
            new Sight("600 new kept 239700", 1200),
            new Sight("600 newest kept 239700", 1800));
    }

    private static async Task RaceAsync(CrashScenario scenario, params Sight[] states)
    {
        var outcome = await scenario.UndisturbedOutcomeAsync();
        var seen = new HashSet<Sight> { await scenario.SeeAsync() };
        await using var gate = await scenario.Analytics.OpenAsync();
        await using var closed = await gate.BeginTransactionAsync();
        await using (var close = new NpgsqlCommand("LOCK TABLE cdc.files IN ACCESS EXCLUSIVE MODE", gate, closed))
            await close.ExecuteNonQueryAsync();

        using var first = scenario.Start();
        using var second = scenario.Start();
        var ending = Task.WhenAll(first.EndAsync(), second.EndAsync());
        await CommandLine.WaitUntilAsync(async () => ending.IsCompleted || await scenario.Analytics.ScalarAsync<bool>(
            "SELECT count(*) = 2 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"));
        await closed.CommitAsync();
        await CommandLine.WaitUntilAsync(async () =>
        {
            seen.Add(await scenario.SeeAsync());
            return ending.IsCompleted;
        });

        var read = (await ending).Sum(CrashScenario.Read);
        Assert.Equal(states[^1], await scenario.SeeAsync());
        Assert.Equal(states[^1].Read - states[0].Read, read);
        Assert.Subset(states.ToHashSet(), seen);
        Assert.Equal(outcome, await scenario.OutcomeAsync());
    }
}
