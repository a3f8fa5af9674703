using CdcDms.Pipeline.Quarantine;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Quarantined changes of a proven table that are tried again.</summary>
public sealed class UnprovenRetryTests(TestServers servers) : UnprovenFixture(servers)
{
    [Fact]
    public async Task A_refused_change_that_is_merged_after_the_proof_makes_a_table_unproven()
    {
        await TargetAsync("id integer PRIMARY KEY, name text CONSTRAINT good CHECK (name <> 'bad')");
        await ProvenAsync(People);
        await ChangesAsync(People, "('I', 5, 3, 'bad')");
        await MergeAsync(People);
        // The source was truncated since, which no change tells: the row is on neither side.
        Assert.True((await AskAllAsync(People)).Compared.Identical);
        Assert.Equal("", await CausesAsync());

        await Analytics.ExecuteAsync("ALTER TABLE analytics.people DROP CONSTRAINT good");
        await RetryAsync(People);
        Assert.Equal(("1=ada 2=bob 3=bad", "ChangeRetried"), (await PeopleAsync(), await CausesAsync()));

        await AskAllAsync(People);
        await JudgedAsync(People);
        Assert.Equal(("1=ada 2=bob", ""), (await PeopleAsync(), await CausesAsync()));
    }

    [Fact]
    public async Task A_retried_change_that_is_stale_by_then_leaves_its_table_proven()
    {
        await TargetAsync("id integer PRIMARY KEY, name text CONSTRAINT good CHECK (name NOT LIKE 'bad%')");
        await ProvenAsync(People);
        await ChangesAsync(People, "('I', 5, 3, 'bad')", "('U', 6, 3, 'bad still')");
        await MergeAsync(People);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people DROP CONSTRAINT good");
        var quarantine = new QuarantineJob(Analytics.ConnectionString);
        var newer = (await QuarantineAsync()).MaxBy(change => change.Version)!;
        await quarantine.RetryAsync(People, [newer.Id], CancellationToken.None);
        Assert.Equal("ChangeRetried", await CausesAsync());
        await Source.ExecuteAsync("INSERT INTO people VALUES (3, 'bad still')");
        Assert.True((await AskAllAsync(People)).Compared.Identical);

        Assert.Equal(new RetryResult(Closed: 1, Open: 0), await RetryAsync(People));

        Assert.Equal(("1=ada 2=bob 3=bad still", ""), (await PeopleAsync(), await CausesAsync()));
    }
}
