namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>A soft delete keeps the last image, whatever order it comes in.</summary>
public sealed class SoftDeleteTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly TableDefinition Soft = People with { Deletes = DeleteMode.Soft };

    [Fact]
    public async Task A_deleted_row_keeps_its_last_image_although_the_delete_has_only_the_key()
    {
        await Lake.LoadAsync(Soft, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await ChangesAsync(Soft, "('U', 5, 1, 'ada 2')", "('D', 6, 1, NULL)");

        Assert.Equal(new RowCounts { Read = 4, Inserted = 2, Updated = 1, Deleted = 1 }, await MergeAsync(Soft));

        Assert.Equal("1=ada 2 (deleted) 2=bob", await RowsAsync());
    }

    [Fact]
    public async Task An_older_image_that_comes_after_the_delete_still_fills_it()
    {
        await Lake.ChangeAsync(Soft, 'D', 9, 1, null);
        Assert.Equal(new RowCounts { Read = 1, Deleted = 1 }, await MergeAsync(Soft));
        Assert.Equal("", await RowsAsync());
        await Lake.ChangeAsync(Soft, 'I', 3, 1, "ada");
        Assert.Equal(new RowCounts { Read = 1, Inserted = 1 }, await MergeAsync(Soft));
        Assert.Equal("1=ada (deleted)", await RowsAsync());
        await Lake.ChangeAsync(Soft, 'U', 7, 1, "last");
        Assert.Equal(new RowCounts { Read = 1, Updated = 1 }, await MergeAsync(Soft));
        await Lake.LoadAsync(Soft, 1, "SELECT 1 AS id, 'snapshot' AS name");
        Assert.Equal(new RowCounts { Read = 1, Stale = 1 }, await MergeAsync(Soft));

        Assert.Equal("1=last (deleted)", await RowsAsync());
        Assert.Equal(0, await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.tombstones_1"));
    }

    [Fact]
    public async Task A_snapshot_row_that_comes_after_its_delete_is_marked()
    {
        await Lake.ChangeAsync(Soft, 'D', 9, 1, null);
        await MergeAsync(Soft);
        await Lake.LoadAsync(Soft, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");

        Assert.Equal(new RowCounts { Read = 2, Inserted = 2 }, await MergeAsync(Soft));

        Assert.Equal("1=ada (deleted) 2=bob", await RowsAsync());
        Assert.Equal(0, await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.tombstones_1"));
    }

    [Fact]
    public async Task A_row_inserted_again_is_marked_no_more_and_an_older_delete_does_not_mark_it()
    {
        await ChangesAsync(Soft, "('I', 1, 1, 'first')", "('D', 5, 1, NULL)");
        await MergeAsync(Soft);
        await Lake.ChangeAsync(Soft, 'I', 8, 1, "second life");
        await MergeAsync(Soft);
        await ChangesAsync(Soft, "('D', 5, 1, NULL)", "('D', 7, 1, NULL)");

        Assert.Equal(new RowCounts { Read = 2, Superseded = 1, Stale = 1 }, await MergeAsync(Soft));

        Assert.Equal("1=second life", await RowsAsync());
    }

    [Fact]
    public async Task A_repeated_soft_delete_is_unchanged()
    {
        await ChangesAsync(Soft, "('I', 1, 1, 'ada')", "('D', 5, 1, NULL)", "('D', 6, 2, NULL)");
        Assert.Equal(new RowCounts { Read = 3, Inserted = 1, Deleted = 2 }, await MergeAsync(Soft));
        await ChangesAsync(Soft, "('I', 1, 1, 'ada')", "('D', 5, 1, NULL)", "('D', 6, 2, NULL)");

        Assert.Equal(new RowCounts { Read = 3, Unchanged = 3 }, await MergeAsync(Soft));
    }

    [Fact]
    public async Task A_later_delete_counts_although_the_row_is_marked_already()
    {
        await ChangesAsync(Soft, "('I', 1, 1, 'ada')", "('D', 10, 1, NULL)");
        await MergeAsync(Soft);
        await Lake.ChangeAsync(Soft, 'D', 30, 1, null);
        Assert.Equal(new RowCounts { Read = 1, Deleted = 1 }, await MergeAsync(Soft));

        await Lake.ChangeAsync(Soft, 'I', 20, 1, "between two deletes");
        await MergeAsync(Soft);

        Assert.Equal("1=between two deletes (deleted)", await RowsAsync());
    }

    [Theory]
    [InlineData(DeleteMode.Hard)]
    [InlineData(DeleteMode.Soft)]
    public async Task A_row_shows_no_large_value_of_a_deleted_row_that_had_the_key_before_in_whatever_order_they_come(DeleteMode deletes)
    {
        var table = Bare with { Deletes = deletes, LobUpdates = LobUpdates.KeepOnNull };
        await TargetAsync("id integer PRIMARY KEY, name text");
        // Row 7 is deleted, and row 1 gets its key; its large value is not in the stream, and comes later.
        string[] changes =
            ["'I', 10, 7, 'of the deleted', NULL", "'D', 20, 7, NULL, NULL", "'U', 30, 7, NULL, 1", "'U', 40, 7, 'own', NULL"];
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        foreach (var (at, order) in orders.Index())
        {
            // Of every order a key of its own.
            var key = 100 + at;
            foreach (var change in order)
                await PutAsync(changes[change].Replace(" 7,", $" {key},", StringComparison.Ordinal));
            await MergeAsync(table, batchBytes: 1);
            await AssertAnswerAsync("∅", $"SELECT coalesce(name, '∅') FROM analytics.people WHERE id = {key}");
            await PutAsync(changes[3].Replace(" 7,", $" {key},", StringComparison.Ordinal));
            await MergeAsync(table);
            await AssertAnswerAsync("own", $"SELECT name FROM analytics.people WHERE id = {key}");
        }

        Task PutAsync(string change) => Lake.CdcAsync(
            table, $"SELECT op, v, id, name::VARCHAR AS name, was::INTEGER AS \"BI_id\" FROM (VALUES ({change})) t(op, v, id, name, was)");
    }

    [Theory]
    [InlineData(DeleteMode.Hard)]
    [InlineData(DeleteMode.Soft)]
    public async Task A_row_inserted_again_holds_no_value_of_its_former_life_in_a_column_that_is_gone_at_the_source(DeleteMode deletes)
    {
        var table = Bare with { Deletes = deletes };
        await TargetAsync("id integer PRIMARY KEY, name text, gone text");
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 'of the deleted' AS gone");
        await Lake.ChangeAsync(table, 'D', 5, 1, null);
        await Lake.ChangeAsync(table, 'I', 7, 1, "second life");
        await MergeAsync(table, batchBytes: 1);

        await AssertAnswerAsync("second life ∅", "SELECT name || ' ' || coalesce(gone, '∅') FROM analytics.people");
    }

    [Fact]
    public async Task A_generation_marks_what_it_does_not_have()
    {
        await Lake.LoadAsync(Soft, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'gone'), (3, 'gone before')) t(id, name)");
        await ChangesAsync(Soft, "('D', 20, 7, NULL::VARCHAR)", "('D', 30, 3, NULL)");
        await MergeAsync(Soft);
        Lake.Generation = 2;
        await Lake.ChangeAsync(Soft, 'I', 5, 9, "new");
        await Lake.ManifestAsync(Soft, await Lake.LoadAsync(Soft, 1, "SELECT 1 AS id, 'ada 2' AS name"));
        await MergeAsync(Soft);
        Lake.Generation = 1;
        await Lake.ChangeAsync(Soft, 'I', 50, 7, "below the floor");
        await MergeAsync(Soft);

        Assert.Equal("1=ada 2 2=gone (deleted) 3=gone before (deleted) 9=new", await RowsAsync());
        await AssertAnswerAsync<string>(
            $"{TestLake.Version(0, generation: 2)} {TestLake.Version(30)}",
            "SELECT string_agg(lpad(_cdc_delete_version::text, 38, '0'), ' ' ORDER BY id) FROM analytics.people");
        Assert.Equal(1, await Analytics.ScalarAsync<long>("SELECT sum(removed)::bigint FROM cdc.batches"));
    }

    [Fact]
    public async Task Hard_deletes_refuse_a_target_with_soft_deleted_rows()
    {
        await Lake.ChangeAsync(Soft, 'I', 1, 1, "ada");
        await MergeAsync(Soft);

        await AssertRefusedAsync(People, ErrorKind.BadDefinition, "set \"deletes\" to \"soft\"");
    }

    private async Task<string> RowsAsync() => await Analytics.ScalarAsync<string>(
        """
        SELECT string_agg(id || '=' || coalesce(name, '∅') || CASE WHEN _cdc_deleted THEN ' (deleted)' ELSE '' END, ' ' ORDER BY id)
        FROM analytics.people
        """) ?? "";
}
