using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>What is done after a bad night ends with identical tables (docs/recovery.md).</summary>
public sealed class RecoveryDrills(TestServers servers) : ProofFixture(servers)
{
    [Fact]
    public async Task A_lost_analytics_database_is_rebuilt_as_far_as_the_lake_reaches_and_the_rest_is_repaired()
    {
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada'), (2, 'BOB'), (3, 'cyd')");
        var oldest = await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')", "('I', 3, 4, 'dan')");
        await ChangesAsync(People, "('U', 4, 2, 'BOB')", "('I', 5, 3, 'cyd')", "('D', 6, 4, NULL)");
        await MergeAsync(People);

        await LoseAsync();
        await MergeAsync(People);
        await AssertIdenticalAsync();

        await LoseAsync();
        await Lake.DeleteAsync(oldest);
        await MergeAsync(People);
        Assert.Equal("2=BOB 3=cyd", await PeopleAsync());
        Assert.Equal(ProofOutcome.Different, await CureAsync());
        await AssertIdenticalAsync();

        Task LoseAsync() => Analytics.ExecuteAsync("DROP SCHEMA analytics CASCADE; DROP SCHEMA cdc CASCADE");
    }

    [Fact]
    public async Task A_table_that_was_parked_for_a_week_takes_all_of_the_week_and_is_proven()
    {
        var day = DateTime.UtcNow.Date.AddDays(-8);
        await PutAsync(day, 0, 'I', 1, 'a');
        await PutAsync(day, 1, 'I', 2, 'b');
        await MergeAsync(People);
        await Proofs.AskAsync(People, [["1"]], repair: null, CancellationToken.None);
        var unreadable = Enumerable.Range(100, 11).Select(file => Lake.CdcKey(People, day, day.AddMilliseconds(file))).ToList();
        foreach (var key in unreadable)
            await Lake.PutBytesAsync(key, [1, 2, 3]);
        await AssertRefusedAsync(People, ErrorKind.Parked, "more than 10 files are rejected");

        // A change of each day, and at last a delete of a row that was there before.
        for (var passed = 1; passed <= 7; passed++)
        {
            await PutAsync(day.AddDays(passed), passed + 1, 'U', 1, (char)('a' + passed));
            await AssertRefusedAsync(People, ErrorKind.Parked, "is parked");
        }

        await PutAsync(day.AddDays(7), 9, 'D', 2, 'b');
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'h')");
        await Analytics.ExecuteAsync("UPDATE cdc.proofs SET asked_at = now() - interval '7 days'");
        foreach (var key in unreadable)
            await Lake.DeleteAsync(key);
        await new ResumeJob(Analytics.ConnectionString).RunAsync(TableName.Parse("analytics.people"), Consent.None, CancellationToken.None);
        await MergeAsync(People);

        Assert.Equal("1=h", await PeopleAsync());
        await AssertAnswerAsync("NotProven", "SELECT outcome FROM cdc.proofs");
        Assert.Contains((await StatusAsync()).Unproven, cause => cause.Cause == UnprovenCause.Resumed);
        Assert.Equal(ProofOutcome.Proven, await CureAsync());
        Assert.Empty((await StatusAsync()).Unproven);
        await AssertIdenticalAsync();
    }

    private Task<string> PutAsync(DateTime day, int version, char operation, int id, char name) => Lake.PutAsync(
        Lake.CdcKey(People, day, day.AddMilliseconds(version)),
        $"SELECT '{operation}' AS \"Op\", '{day:yyyy-MM-dd} 00:00:00.000000' AS cdc_timestamp, {id}::INTEGER AS id, '{name}' AS name, "
        + $"'{TestLake.Sequence(version + 1)}' AS cdc_change_seq");

    /// <summary>Proves the whole table and repairs it.</summary>
    private async Task<ProofOutcome?> CureAsync()
    {
        var full = await Proofs.AskAllAsync(People, new ProofRepair(), CancellationToken.None);
        await MarkersAsync(await Source.ScalarAsync<long>("SELECT max(number) - 1 FROM cdcdms.marker"), 100, 200);
        await MergeAsync(People);
        return (await Proofs.ReadAsync(People, full.Proofs, CancellationToken.None)).Outcome;
    }

    private async Task AssertIdenticalAsync()
    {
        var compared = await new Validator(Source.ConnectionString, Analytics.ConnectionString)
            .CompareAsync(People, withValues: false, CancellationToken.None);
        Assert.True(compared.Result.Identical, string.Join(", ", compared.Differences.Select(row => $"{row.Kind} {row.Key["id"]}")));
    }
}
