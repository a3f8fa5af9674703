using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>What markers say of a proof, and what they do not say.</summary>
public sealed class ProofMarkerTests(TestServers servers) : ProofFixture(servers)
{
    [Fact]
    public async Task Another_source_is_not_believed_although_its_markers_have_the_same_numbers()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')");
        await MergeAsync(People);
        await MarkersAsync(1, 100, 200);
        await MergeAsync(People);
        await using var staging = await Servers.CreateDatabaseAsync();
        await staging.ExecuteAsync("CREATE TABLE people (id integer PRIMARY KEY, name text)");

        await new ProofJob(staging.ConnectionString, Analytics.ConnectionString, 60, settleSeconds: 0)
            .AskAsync(People, [["1"], ["2"]], new ProofRepair(), CancellationToken.None);
        await MergeAsync(People);

        Assert.Equal("1=ada 2=bob", await PeopleAsync());
        await AssertAnswerAsync<bool>(true, "SELECT outcome IS NULL FROM cdc.proofs");
    }

    [Fact]
    public async Task Numbers_that_begin_anew_are_other_markers()
    {
        await MarkersAsync(1, 100, 200);
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'new')");

        var marker = await AskAsync(People, repairs: true, 1);
        await MergeAsync(People);

        Assert.Equal((1, "0 0 0"), (marker, await OutcomeAsync(marker)));
    }

    [Fact]
    public async Task Markers_that_a_failover_took_back_are_not_those_that_take_their_numbers()
    {
        await ChangesAsync(People, "('I', 1, 1, 'old')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'old')");
        await AskAsync(People, repairs: true, 1);
        await Source.ExecuteAsync("DELETE FROM cdcdms.marker; UPDATE people SET name = 'new'");
        await ChangesAsync(People, "('U', 150, 1, 'new')");
        await MergeAsync(People);

        await MarkersAsync(1, 200, 300);
        await MergeAsync(People);

        Assert.Equal("1=new", await PeopleAsync());
    }

    [Fact]
    public async Task A_proof_of_an_older_generation_ends_and_does_not_hold_up_later_ones()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        var first = await AskAsync(People, repairs: true, 1);
        await MarkersAsync(first, 100, 200, due: false);
        Lake.Generation = 2;
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada'), (2, 'bob')");

        var second = await AskAsync(People, repairs: true, 2);
        await MarkersAsync(second, 300, 400);
        await MergeAsync(People);

        Assert.Equal("NotProven 0 0 0", await OutcomeAsync(first));
        Assert.Equal("Different 0 0 1", await OutcomeAsync(second));
    }

    [Fact]
    public async Task A_generation_whose_load_found_the_table_empty_takes_away_what_an_older_one_left()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        Lake.Generation = 2;

        Assert.Equal("Different 0 0 1", await RepairedAsync(People, ["1"]));

        Assert.Equal("", await PeopleAsync());
    }

    [Fact]
    public async Task After_a_standstill_the_second_marker_alone_does_not_make_it_due()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'new')");
        var marker = await AskAsync(People, repairs: true, 1);
        // The task stopped after it had stored both markers and before it stored the file of the table; two hours later it goes on.
        await MarkersAsync(marker, 100, 200);
        await Analytics.ExecuteAsync("DELETE FROM cdc.markers WHERE number = 3");
        await MergeAsync(People);

        Assert.Equal("0 0 0", await OutcomeAsync(marker));
    }

    [Theory]
    [InlineData("DELETE FROM cdc.markers WHERE number < 3", "did not come through the lake within a day")]
    [InlineData(
        "UPDATE cdc.markers SET committed_at = stored_at - interval '3 minutes'", "no marker came through the lake in time")]
    [InlineData(
        "INSERT INTO cdc.rejected_files (table_id, key, etag, modified_at, bytes, reason) "
        + "SELECT id, 'k', 'e', now(), 1, 'r' FROM cdc.tables WHERE target_name = 'people'",
        "has rejected files")]
    public async Task A_proof_that_waits_for_a_day_ends_and_says_what_it_waited_for(string why, string cause)
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        var marker = await AskAsync(People, repairs: true, 1);
        await MarkersAsync(marker, 100, 200);
        await Analytics.ExecuteAsync($"{why}; UPDATE cdc.proofs SET asked_at = now() - interval '25 hours'");

        await MergeAsync(People);

        Assert.Equal("NotProven 0 0 0", await OutcomeAsync(marker));
        Assert.Contains(cause, await CauseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_merges_at_once_judge_each_proof_once()
    {
        await ChangesAsync(People, "('I', 2, 2, 'bob')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada')");
        var first = await AskAsync(People, repairs: true, 1, 2);
        var second = await AskAsync(People, repairs: true, 1, 2);
        await MarkersAsync(first, 100, 200);
        await MarkersAsync(second, 300, 400);
        await Analytics.ExecuteAsync(
            "UPDATE cdc.markers SET (stored_at, committed_at) = (SELECT min(stored_at), min(stored_at) FROM cdc.markers) WHERE number < 5");

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => MergeAsync(People)));

        Assert.Equal(("Different 0 0 2", "Proven 0 0 0"), (await OutcomeAsync(first), await OutcomeAsync(second)));
        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Fact]
    public async Task A_proof_of_a_target_that_was_dropped_meanwhile_is_gone()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        var proofs = await Proofs.AskAsync(People, [["1"]], new ProofRepair(), CancellationToken.None);
        await Analytics.ExecuteAsync("DROP TABLE analytics.people");
        await MergeAsync(People);

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => Proofs.ReadAsync(People, proofs, CancellationToken.None));

        Assert.Contains("its target was dropped meanwhile", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_a_policy_hides_from_the_reader_are_no_proof()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync(
            """
            INSERT INTO people VALUES (1, 'ada'); ALTER TABLE people ENABLE ROW LEVEL SECURITY;
            CREATE ROLE proof_reader LOGIN PASSWORD 'x'; GRANT SELECT ON people TO proof_reader;
            CREATE POLICY none ON people TO proof_reader USING (false);
            GRANT USAGE ON SCHEMA cdcdms TO proof_reader; GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA cdcdms TO proof_reader
            """);
        var reader = new Npgsql.NpgsqlConnectionStringBuilder(Source.ConnectionString)
        {
            Username = "proof_reader",
            Password = "x",
            Pooling = false,
        };

        var fault = await Record.ExceptionAsync(() => new ProofJob(reader.ConnectionString, Analytics.ConnectionString, 60, 0)
            .AskAsync(People, [["1"]], new ProofRepair(), CancellationToken.None));
        await Source.ExecuteAsync("DROP OWNED BY proof_reader CASCADE; DROP ROLE proof_reader");

        Assert.Contains("BYPASSRLS", Assert.IsType<CdcDmsException>(fault).Message, StringComparison.Ordinal);
    }
}
