using CdcDms.Contract.Changes;

namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>
/// A row that a complete generation does not have was deleted there. When it comes back, an update that leaves its LOB column open must
/// not find the value from before.
/// </summary>
public sealed class GenerationRegisterTests(TestServers servers) : MergeFixture(servers)
{
    /// <summary>
    /// Changes of key 3 beside its full-load row, by generation, and what key 3 must be once the second generation without it has come too.
    /// </summary>
    public static TheoryData<DeleteMode, string[], string> Histories { get; } = new()
    {
        { DeleteMode.Hard, ["2('U', 80, 3, NULL::VARCHAR)"], "2.80 ∅" },
        { DeleteMode.Soft, ["2('U', 80, 3, NULL::VARCHAR)"], "2.80 ∅" },
        { DeleteMode.Hard, ["1('U', 90, 3, 'before')", "2('U', 80, 3, NULL::VARCHAR)"], "2.80 ∅" },
        { DeleteMode.Hard, ["2('U', 60, 3, 'after')", "2('U', 80, 3, NULL::VARCHAR)"], "2.80 after" },
        { DeleteMode.Soft, ["2('D', 70, 3, NULL::VARCHAR)", "2('U', 80, 3, NULL::VARCHAR)"], "2.80 ∅" },
        { DeleteMode.Soft, ["2('U', 80, 3, NULL::VARCHAR)", "2('D', 90, 3, NULL::VARCHAR)"], "2.80 ∅ (deleted)" },
    };

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task A_generation_without_a_row_ends_what_its_LOB_column_held_whatever_comes_first(
        DeleteMode deletes, string[] changes, string expected)
    {
        foreach (var (order, number) in Orders(changes.Length).Select((order, number) => (order, number)))
        {
            var table = People with
            {
                Name = $"people{number}",
                Target = $"analytics.people{number}",
                Deletes = deletes,
                LobUpdates = LobUpdates.KeepOnNull,
            };
            foreach (var step in order)
            {
                Lake.Generation = step < changes.Length ? changes[step][0] - '0' : 1 + step - changes.Length;
                if (step < changes.Length)
                    await ChangesAsync(table, changes[step][1..]);
                else if (step == changes.Length)
                    await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES (1, 'ada'), (3, 'cyd')) t(id, name)");
                else
                    await Lake.ManifestAsync(table, await Lake.LoadAsync(table, 1, "SELECT 1 AS id, 'ada' AS name"));
                await MergeAsync(table);
            }

            Assert.Equal((number, $"1: 2.0 ada, 3: {expected}"), (number, await RowsAsync(table)));
        }
    }

    [Theory]
    [InlineData(DeleteMode.Hard)]
    [InlineData(DeleteMode.Soft)]
    public async Task A_delete_above_a_complete_generation_ends_what_comes_late_from_below_the_delete(DeleteMode deletes)
    {
        var table = People with { Deletes = deletes, LobUpdates = LobUpdates.KeepOnNull };
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES (1, 'ada'), (3, 'cyd')) t(id, name)");
        await MergeAsync(table);
        Lake.Generation = 2;
        await Lake.ManifestAsync(table, await Lake.LoadAsync(table, 1, "SELECT 1 AS id, 'ada' AS name"));
        await MergeAsync(table);
        await ChangesAsync(table, "('D', 70, 3, NULL::VARCHAR)");
        await ChangesAsync(table, "('U', 80, 3, NULL::VARCHAR)");
        await ChangesAsync(table, "('I', 60, 3, 'of the deleted')");
        await MergeAsync(table, batchBytes: 1);

        await AssertAnswerAsync("∅", "SELECT coalesce(name, '∅') FROM analytics.people WHERE id = 3");
    }

    [Fact]
    public async Task A_row_that_a_generation_deletes_softly_still_shows_what_it_held()
    {
        var table = People with { Deletes = DeleteMode.Soft, LobUpdates = LobUpdates.KeepOnNull };
        await Lake.LoadAsync(table, 1, "SELECT 3 AS id, 'cyd' AS name");
        await ChangesAsync(table, "('U', 40, 3, NULL::VARCHAR)");
        await MergeAsync(table);
        Lake.Generation = 2;
        await Lake.ManifestAsync(table, await Lake.LoadAsync(table, 1, "SELECT 1 AS id, 'ada' AS name"));
        await MergeAsync(table);

        Assert.Equal("1: 2.0 ada, 3: 1.40 cyd (deleted)", await RowsAsync(table));
    }

    [Theory]
    [InlineData(DeleteMode.Hard)]
    [InlineData(DeleteMode.Soft)]
    public async Task A_merge_that_comes_between_the_end_of_a_generation_and_the_removal_of_its_rows_finds_no_value_of_theirs(
        DeleteMode deletes)
    {
        var table = People with { Deletes = deletes, LobUpdates = LobUpdates.KeepOnNull };
        await Lake.LoadAsync(table, 1, "SELECT 3 AS id, 'cyd' AS name");
        await MergeAsync(table);
        // Another merge has outdated the first generation after this one had looked for older rows.
        await Analytics.ExecuteAsync($"UPDATE cdc.tables SET floor = {ChangeVersion.FullLoad(2).Value}");
        Lake.Generation = 2;
        await ChangesAsync(table, "('U', 80, 3, NULL::VARCHAR)");
        await MergeAsync(table);

        await AssertAnswerAsync("∅", "SELECT coalesce(name, '∅') FROM analytics.people WHERE id = 3");
    }

    [Theory]
    [InlineData(LobUpdates.Trust, "text")]
    [InlineData(LobUpdates.KeepOnNull, "text")]
    [InlineData(LobUpdates.KeepOnNull, "text NOT NULL DEFAULT ''")]
    public async Task A_LOB_column_that_a_complete_generation_lacks_stays_as_it_was(LobUpdates lobs, string body)
    {
        var table = Bare with { LobUpdates = lobs };
        await TargetAsync($"id integer PRIMARY KEY, name text, body {body}");
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES (1, 'ada', 'a'), (2, 'bob', 'b')) t(id, name, body)");
        await MergeAsync(table);
        Lake.Generation = 2;
        await Lake.CdcAsync(table, "SELECT 'U' AS op, 80 AS v, 2 AS id, 'bob 3' AS name");
        await MergeAsync(table);
        await Lake.ManifestAsync(table, await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES (1, 'ada 2'), (2, 'bob 2')) t(id, name)"));
        await MergeAsync(table);

        await AssertAnswerAsync<string>(
            "1 ada 2 a, 2 bob 3 b", "SELECT string_agg(concat_ws(' ', id, name, body), ', ' ORDER BY id) FROM analytics.people");
    }

    [Fact]
    public async Task Each_LOB_column_of_a_row_that_came_back_ends_with_the_generation_that_lacked_the_row()
    {
        var table = Bare with { LobUpdates = LobUpdates.KeepOnNull };
        await TargetAsync("id integer PRIMARY KEY, name text, body text");
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES (1, 'ada', 'a'), (3, 'cyd', 'c')) t(id, name, body)");
        Lake.Generation = 2;
        await Lake.CdcAsync(table, "SELECT 'U' AS op, 80 AS v, 3 AS id, NULL::VARCHAR AS name, NULL::VARCHAR AS body");
        await MergeAsync(table);
        await AssertAnswerAsync<string>("cyd c", "SELECT name || ' ' || body FROM analytics.people WHERE id = 3");

        await Lake.ManifestAsync(table, await Lake.LoadAsync(table, 1, "SELECT 1 AS id, 'ada' AS name, 'a' AS body"));
        await MergeAsync(table);

        await AssertAnswerAsync<string>(
            "1 ada a, 3", "SELECT string_agg(concat_ws(' ', id, name, body), ', ' ORDER BY id) FROM analytics.people");
    }

    /// <summary>The changes in their order, with the first load and then the generation at any two places among them.</summary>
    private static IEnumerable<List<int>> Orders(int changes)
    {
        for (var load = 0; load <= changes; load++)
        {
            for (var generation = load + 1; generation <= changes + 1; generation++)
            {
                List<int> order = [.. Enumerable.Range(0, changes)];
                order.Insert(load, changes);
                order.Insert(generation, changes + 1);
                yield return order;
            }
        }
    }

    private async Task<string> RowsAsync(TableDefinition table) => await Analytics.ScalarAsync<string>(
        "SELECT string_agg(id || ': ' || div(_cdc_version, 1e35) || '.' || mod(_cdc_version, 1e35) || ' ' || coalesce(name, '∅')"
        + (table.Deletes is DeleteMode.Soft ? " || CASE WHEN _cdc_deleted THEN ' (deleted)' ELSE '' END" : "")
        + $", ', ' ORDER BY id) FROM {table.Target}") ?? "";
}
