using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>What a task loses, brings again or brings too late, and what the next proofs make of it.</summary>
public sealed class LostAndLateTests(TestServers servers) : ProofFixture(servers)
{
    [Fact]
    public async Task Keys_that_one_transaction_shifted_through_each_other_are_found_and_cured()
    {
        await TargetAsync("id integer PRIMARY KEY, name text");
        var table = People with { Columns = null, Key = null };
        await ChangesAsync(table, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')");
        // id = id + 1: decoded in this order, the second row's old key is the first one's new key.
        await Lake.CdcAsync(
            table,
            "SELECT * FROM (VALUES ('U', 3, 2, 'ada', 1), ('U', 4, 3, 'bob', 2)) t(op, v, id, name, \"BI_id\")");
        await MergeAsync(table);
        Assert.Equal("3=bob", await PeopleAsync());
        await Source.ExecuteAsync("INSERT INTO people VALUES (2, 'ada'), (3, 'bob')");

        await CureAsync(table);

        Assert.Equal("2=ada 3=bob", await PeopleAsync());
    }

    [Fact]
    public async Task A_wrong_change_that_comes_again_above_its_repair_is_found_by_the_next_proof()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'eve')");
        Assert.Equal("Different 0 0 1", await RepairedAsync(People, ["1"]));

        // The task was resumed, and delivers what it has read again, with new sequences.
        await ChangesAsync(People, "('I', 250, 1, 'ada')");
        await MergeAsync(People);
        Assert.Equal("1=ada", await PeopleAsync());
        var again = await AskAsync(People, repairs: true, 1);
        await MarkersAsync(again, 300, 400);
        await MergeAsync(People);

        Assert.Equal("Different 0 0 1", await OutcomeAsync(again));
        Assert.Equal("1=eve", await PeopleAsync());
    }

    [Fact]
    public async Task A_repaired_row_may_go_back_while_files_are_late_and_ends_as_the_source_has_it()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        // Read after both of the changes that are late.
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'fay')");
        Assert.Equal("Different 0 0 1", await RepairedAsync(People, ["1"]));
        Assert.Equal("1=fay", await PeopleAsync());

        await ChangesAsync(People, "('U', 150, 1, 'eve')");
        await MergeAsync(People);
        Assert.Equal("1=eve", await PeopleAsync());
        await ChangesAsync(People, "('U', 160, 1, 'fay')");
        await MergeAsync(People);

        Assert.Equal("1=fay", await PeopleAsync());
    }

    [Fact]
    public async Task A_row_that_comes_too_late_for_a_proof_of_the_whole_table_is_removed_by_the_next()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        // 7 came and went before the proof: the one is late, the other was lost.
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada')");
        Assert.True((await Proofs.AskAllAsync(People, new ProofRepair(), CancellationToken.None)).Compared.Identical);
        await ChangesAsync(People, "('I', 9, 7, 'ghost')");
        await MergeAsync(People);
        Assert.Equal("1=ada 7=ghost", await PeopleAsync());

        await CureAsync(People);

        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Fact]
    public async Task A_first_marker_that_came_twice_counts_with_its_lower_version()
    {
        await ChangesAsync(People, "('I', 1, 1, 'old')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'old')");
        var marker = await AskAsync(People, repairs: true, 1);
        await ChangesAsync(People, "('U', 150, 1, 'new')");
        await MergeAsync(People);
        await MarkersAsync(marker, 100, 200);
        await Analytics.ExecuteAsync($"UPDATE cdc.markers SET highest_version = 1e35 + 500 WHERE number = {marker}");

        await MergeAsync(People);

        Assert.Equal(("Proven 1 0 0", "1=new"), (await OutcomeAsync(marker), await PeopleAsync()));
    }

    [Fact]
    public async Task A_value_that_a_register_has_lost_is_cured_by_the_first_proof_in_which_its_row_does_not_change()
    {
        var table = Table("docs", ("id", "integer"), ("n", "integer"), ("body", "text")) with { LobUpdates = LobUpdates.KeepOnNull };
        await Source.ExecuteAsync(
            "CREATE TABLE docs (id integer PRIMARY KEY, n integer, body text); INSERT INTO docs VALUES (1, 2, 'new')");
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 1 AS id, 1 AS n, 'lost' AS body");
        await MergeAsync(table);
        var busy = await AskAsync(table, repairs: true, 1);
        await Lake.CdcAsync(table, "SELECT 'U' AS op, 150 AS v, 1 AS id, 3 AS n, NULL::VARCHAR AS body");
        await Source.ExecuteAsync("UPDATE docs SET n = 3");
        await MarkersAsync(busy, 100, 200);
        await MergeAsync(table);
        Assert.Equal("Proven 1 0 0", await OutcomeAsync(busy));

        var quiet = await AskAsync(table, repairs: true, 1);
        await MarkersAsync(quiet, 300, 400);
        await MergeAsync(table);

        Assert.Equal(("Different 0 0 1", "Changed 1 body"), (await OutcomeAsync(quiet), await DifferencesAsync()));
        await AssertAnswerAsync("3 new", "SELECT n || ' ' || body FROM analytics.docs");
    }

    [Fact]
    public async Task A_change_that_was_put_aside_without_a_key_explains_no_row_and_hinders_no_proof()
    {
        await TargetAsync("id uuid PRIMARY KEY, name text");
        await Source.ExecuteAsync("DROP TABLE people; CREATE TABLE people (id uuid PRIMARY KEY, name text)");
        var table = People with { Columns = null, Key = null };
        const string key = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
        await ChangesAsync(table, "('I', 1, 'no uuid', 'ada')", $"('I', 2, '{key}', 'bob')");
        await MergeAsync(table);
        await AssertAnswerAsync<long>(1, "SELECT count(*) FROM cdc.quarantine WHERE key IS NULL AND closed_at IS NULL");
        await Source.ExecuteAsync($"INSERT INTO people VALUES ('{key}', 'BOB')");

        Assert.Equal("Different 0 0 1", await RepairedAsync(table, [key]));

        await AssertAnswerAsync("BOB", "SELECT name FROM analytics.people");
    }

    /// <summary>Compares the whole table, and repairs what differs.</summary>
    private async Task CureAsync(TableDefinition table)
    {
        var full = await Proofs.AskAllAsync(table, new ProofRepair(), CancellationToken.None);
        Assert.Single(full.Proofs);
        await MarkersAsync(await Analytics.ScalarAsync<long>("SELECT max(marker) FROM cdc.proofs"), 100, 200);
        await MergeAsync(table);
        await AssertAnswerAsync("Different", "SELECT outcome FROM cdc.proofs ORDER BY id DESC LIMIT 1");
    }
}
