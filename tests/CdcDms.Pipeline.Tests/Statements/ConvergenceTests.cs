namespace CdcDms.Pipeline.Tests.Statements;

public sealed class ConvergenceTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_snapshot_and_its_changes_give_the_source_rows()
    {
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await Lake.LoadAsync(People, 2, "SELECT 3 AS id, 'cyd' AS name");
        await ChangesAsync(People, "('U', 10, 1, 'ada 2')", "('D', 11, 2, NULL)", "('I', 12, 4, 'dan')");

        var rows = await MergeAsync(People);

        Assert.Equal("1=ada 2 3=cyd 4=dan", await PeopleAsync());
        Assert.Equal(new RowCounts { Read = 6, Inserted = 4, Updated = 1, Deleted = 1 }, rows);
    }

    [Fact]
    public async Task A_replayed_file_changes_nothing()
    {
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        var key = await ChangesAsync(People, "('U', 10, 1, 'ada 2')", "('D', 11, 2, NULL)");
        await MergeAsync(People);
        Assert.Equal(0, (await MergeAsync(People)).Read);

        // The same rows under new names: at least once is what a resumed task gives.
        await Lake.LoadAsync(People, 2, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await ChangesAsync(People, "('U', 10, 1, 'ada 2')", "('D', 11, 2, NULL)");
        var rows = await MergeAsync(People);

        Assert.Equal("1=ada 2", await PeopleAsync());
        Assert.Equal(new RowCounts { Read = 4, Unchanged = 2, Stale = 2 }, rows);
        Assert.EndsWith(".parquet", key, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_in_reverse_order_give_the_same_rows()
    {
        await Lake.ChangeAsync(People, 'D', 30, 2, null);
        await Lake.ChangeAsync(People, 'U', 31, 1, "last");
        await MergeAsync(People);
        await Lake.ChangeAsync(People, 'U', 20, 2, "older than its delete");
        await Lake.ChangeAsync(People, 'U', 21, 1, "older");
        var late = await MergeAsync(People);
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob'), (3, 'cyd')) t(id, name)");
        var load = await MergeAsync(People);

        Assert.Equal("1=last 3=cyd", await PeopleAsync());
        Assert.Equal(new RowCounts { Read = 2, Stale = 2 }, late);
        Assert.Equal(new RowCounts { Read = 3, Inserted = 1, Stale = 2 }, load);
    }

    [Fact]
    public async Task A_row_inserted_again_after_its_delete_lives()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "first");
        await Lake.ChangeAsync(People, 'D', 2, 1, null);
        await MergeAsync(People, batchBytes: 1);
        Assert.Equal("", await PeopleAsync());

        await Lake.ChangeAsync(People, 'I', 3, 1, "second life");
        await MergeAsync(People);

        Assert.Equal("1=second life", await PeopleAsync());
    }

    [Fact]
    public async Task All_changes_of_a_key_in_one_batch_count_once_and_the_last_wins()
    {
        await ChangesAsync(
            People,
            "('I', 1, 1, 'a')",
            "('U', 2, 1, 'b')",
            "('D', 3, 1, NULL)",
            "('I', 4, 2, 'x')",
            "('D', 5, 2, NULL)",
            "('I', 6, 2, 'y')");

        var rows = await MergeAsync(People);

        Assert.Equal("2=y", await PeopleAsync());
        Assert.Equal(new RowCounts { Read = 6, Inserted = 1, Deleted = 1, Superseded = 4 }, rows);
    }

    [Fact]
    public async Task Two_merges_at_once_apply_each_file_once()
    {
        await Lake.LoadAsync(People, 1, "SELECT range::INTEGER AS id, 'n' || range AS name FROM range(5000)");
        for (var file = 0; file < 6; file++)
            await Lake.CdcAsync(
                People,
                $"SELECT 'U' AS op, {file + 1} * 10000 + range AS v, range::INTEGER AS id, 'file {file}' AS name "
                + $"FROM range({file * 500}, 5000)");

        var counts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => MergeAsync(People, batchBytes: 1)));

        await AssertAnswerAsync<long>(5000, "SELECT count(*) FROM analytics.people WHERE name = 'file ' || least(id / 500, 5)");
        Assert.Equal(7, await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.files"));
        Assert.Equal(5000, counts.Sum(rows => rows.Inserted));
        Assert.Equal(30000 - 7500, counts.Sum(rows => rows.Updated));
    }

    [Fact]
    public async Task A_complete_generation_removes_what_the_source_no_longer_has()
    {
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'gone meanwhile'), (3, 'cyd')) t(id, name)");
        await MergeAsync(People);
        Lake.Generation = 2;
        await Lake.ChangeAsync(People, 'U', 1, 3, "changed after the snapshot");
        await Lake.ChangeAsync(People, 'I', 2, 9, "new after the snapshot");
        await MergeAsync(People);
        await Lake.ManifestAsync(
            People, await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada 2'), (3, 'cyd'), (4, 'dan')) t(id, name)"));

        var rows = await MergeAsync(People);
        Lake.Generation = 1;
        await Lake.ChangeAsync(People, 'U', 99, 2, "of the generation before");
        var below = await MergeAsync(People);

        Assert.Equal("1=ada 2 3=changed after the snapshot 4=dan 9=new after the snapshot", await PeopleAsync());
        Assert.Equal(new RowCounts { Read = 3, Inserted = 1, Updated = 1, Stale = 1 }, rows);
        Assert.Equal(new RowCounts(), below);
        await AssertAnswerAsync(1L, "SELECT sum(removed)::bigint FROM cdc.batches");
    }

    [Theory]
    [InlineData(DeleteMode.Hard)]
    [InlineData(DeleteMode.Soft)]
    public async Task What_comes_of_a_generation_below_a_complete_one_is_never_read(DeleteMode deletes)
    {
        var table = People with { Deletes = deletes };
        await ChangesAsync(table, "('I', 1, 1, 'ada')", "('D', 2, 8, NULL)");
        await MergeAsync(table);
        Lake.Generation = 2;
        await Lake.ManifestAsync(table, await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES (1, 'ada 2'), (2, 'bob')) t(id, name)"));
        await MergeAsync(table);
        Assert.Equal(0, await TombstonesAsync());
        Lake.Generation = 1;

        await Lake.LoadAsync(table, 2, "SELECT * FROM (VALUES (2, 'loaded'), (6, 'loaded')) t(id, name)");
        await ChangesAsync(table, "('U', 99, 1, 'old')", "('D', 100, 2, NULL)", "('I', 100, 7, 'old')", "('D', 97, 9, NULL)");

        Assert.Equal(new RowCounts(), await MergeAsync(table));
        Assert.Equal("1=ada 2 2=bob", await PeopleAsync());
        Assert.Equal(0, await TombstonesAsync());
    }

    [Fact]
    public async Task At_one_version_a_delete_wins_within_a_batch_and_else_what_was_there_first()
    {
        await ChangesAsync(People, "('I', 5, 1, 'ada')", "('D', 5, 2, NULL)", "('I', 5, 3, 'cyd')", "('D', 5, 3, NULL)");
        Assert.Equal(new RowCounts { Read = 4, Inserted = 1, Deleted = 2, Superseded = 1 }, await MergeAsync(People));
        await ChangesAsync(People, "('D', 5, 1, NULL)", "('I', 5, 2, 'bob')");

        Assert.Equal(new RowCounts { Read = 2, Unchanged = 2 }, await MergeAsync(People));

        Assert.Equal("1=ada", await PeopleAsync());
        Assert.Equal(2, await TombstonesAsync());
    }

    [Fact]
    public async Task The_same_bytes_put_again_under_the_same_names_are_read_again_and_in_another_generation_are_newer()
    {
        string[] keys =
        [
            await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)"),
            await Lake.LoadAsync(People, 2, "SELECT 3 AS id, 'cyd' AS name"),
        ];
        await MergeAsync(People);
        await ChangesAsync(People, "('U', 5, 1, 'ada 2')", "('D', 6, 2, NULL)", "('I', 7, 4, 'dan')");
        await MergeAsync(People);

        await PutAgainAsync(keys);
        Assert.Equal(new RowCounts { Read = 3, Unchanged = 1, Stale = 2 }, await MergeAsync(People));
        Assert.Equal("1=ada 2 3=cyd 4=dan", await PeopleAsync());

        Lake.Generation = 2;
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await Lake.LoadAsync(People, 2, "SELECT 3 AS id, 'cyd' AS name");
        Assert.Equal(new RowCounts { Read = 3, Inserted = 1, Updated = 2 }, await MergeAsync(People));
        // Without a manifest nobody says that a row which is not there was deleted.
        Assert.Equal("1=ada 2=bob 3=cyd 4=dan", await PeopleAsync());
    }

    [Fact]
    public async Task An_empty_generation_empties_the_table_and_one_without_a_manifest_removes_nothing()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        await MergeAsync(People);
        Lake.Generation = 2;
        await Lake.LoadAsync(People, 1, "SELECT 2 AS id, 'bob' AS name");
        await MergeAsync(People);
        Assert.Equal("1=ada 2=bob", await PeopleAsync());

        Lake.Generation = 3;
        await Lake.ManifestAsync(People);
        await MergeAsync(People);

        Assert.Equal("", await PeopleAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_generation_whose_files_are_gone_or_replaced_stops_its_table_until_a_newer_one_is_complete(bool replaced)
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        Lake.Generation = 2;
        var key = await Lake.LoadAsync(People, 1, "SELECT 2 AS id, 'bob' AS name");
        await Lake.ManifestAsync(People, key);
        await Lake.DeleteAsync(key);
        if (replaced)
            await Lake.LoadAsync(People, 1, "SELECT 3 AS id, 'cyd' AS name");

        await AssertRefusedAsync(People, ErrorKind.Conflict, $"names {key}, which was not merged and is gone or was replaced");

        Assert.Equal("1=ada", await PeopleAsync());
        Lake.Generation = 3;
        await Lake.ManifestAsync(People, await Lake.LoadAsync(People, 1, "SELECT 3 AS id, 'cyd' AS name"));
        await MergeAsync(People);
        Assert.Equal("3=cyd", await PeopleAsync());
    }

    private Task<long> TombstonesAsync() => Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.tombstones_1");

    /// <summary>Puts objects again as they are, with another modification time: it may be told by the second.</summary>
    private async Task PutAgainAsync(IEnumerable<string> keys)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        foreach (var key in keys)
        {
            var before = await ModifiedAsync();
            do
                await Lake.PutBytesAsync(key, await Lake.BytesAsync(key));
            while (await ModifiedAsync() == before);

            async Task<DateTime> ModifiedAsync()
            {
                var found = await Lake.Reader.ListAsync(key, null, deadline.Token).SingleAsync(deadline.Token);
                return found.ModifiedUtc;
            }
        }
    }
}
