namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>
/// Columns that have a default in the target: where a column says nothing of a row's life, the row has what one has that is inserted without
/// the column, in whatever order changes come.
/// </summary>
public sealed class DefaultTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData(DeleteMode.Hard, "text DEFAULT 'none'")]
    [InlineData(DeleteMode.Hard, "text NOT NULL DEFAULT 'none'")]
    [InlineData(DeleteMode.Hard, "varchar(9) NOT NULL DEFAULT upper('NONE')")]
    [InlineData(DeleteMode.Soft, "text DEFAULT 'none'")]
    [InlineData(DeleteMode.Soft, "text NOT NULL DEFAULT 'none'")]
    public async Task A_row_inserted_again_has_the_default_of_a_column_that_its_file_lacks(DeleteMode deletes, string gone)
    {
        var table = Bare with { Deletes = deletes };
        await TargetAsync($"id integer PRIMARY KEY, name text, gone {gone}");
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 9 AS id, 'seen' AS name, 'x' AS gone");
        await MergeAsync(table);
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        foreach (var (at, order) in orders.Index())
            foreach (var change in order)
                await PutAsync(change, 100 + at);

        Assert.Equal(0, (await MergeAsync(table, batchBytes: 1)).Quarantined);

        await AssertAnswerAsync(
            "second life none",
            "SELECT string_agg(DISTINCT lower(concat_ws(' ', name, gone)), ', ') FROM analytics.people WHERE id >= 100"
            + (deletes is DeleteMode.Soft ? " AND NOT _cdc_deleted" : ""));

        Task PutAsync(int change, int key) => change switch
        {
            0 => Lake.CdcAsync(table, $"SELECT 'I' AS op, 1 AS v, {key} AS id, 'ada' AS name, 'deleted' AS gone"),
            1 => Lake.ChangeAsync(table, 'D', 5, key, null),
            _ => Lake.ChangeAsync(table, 'I', 7, key, "second life"),
        };
    }

    [Fact]
    public async Task A_complete_generation_takes_the_place_of_an_older_one_where_a_LOB_column_is_not_null_and_has_a_default()
    {
        var table = Bare with { LobUpdates = LobUpdates.KeepOnNull };
        await TargetAsync("id integer PRIMARY KEY, name text, body text NOT NULL DEFAULT '?'");
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES (1, 'ada', 'a'), (3, 'cyd', 'c')) t(id, name, body)");
        await MergeAsync(table);
        Lake.Generation = 2;
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 80 AS v, 3 AS id, 'back' AS name");
        await MergeAsync(table);
        await Lake.ManifestAsync(table, await Lake.LoadAsync(table, 1, "SELECT 1 AS id, 'ada' AS name, 'a' AS body"));
        await MergeAsync(table);
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 90 AS v, 4 AS id, 'dan' AS name");
        await MergeAsync(table);

        await AssertAnswerAsync(
            "1 ada a, 3 back ?, 4 dan ?", "SELECT string_agg(concat_ws(' ', id, name, body), ', ' ORDER BY id) FROM analytics.people");
    }
}
