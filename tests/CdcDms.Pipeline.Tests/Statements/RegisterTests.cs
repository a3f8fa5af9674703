using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Quarantine;

namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>
/// A column whose NULL may mean "unchanged" is a register of its own: in order, reversed, or reduced in one batch, the result is the same.
/// </summary>
public sealed class RegisterTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly TableDefinition Docs = new()
    {
        Schema = "public",
        Name = "people",
        Target = "analytics.people",
        Key = ["id"],
        LobUpdates = LobUpdates.KeepOnNull,
        Columns =
        [
            new() { From = "id", To = "id", Type = "integer" }, new() { From = "rank", To = "rank", Type = "integer" },
            new() { From = "name", To = "name", Type = "text" }, new() { From = "body", To = "the body", Type = "jsonb" },
        ],
    };

    /// <summary>Changes of one key in order of version, and the row that they must give.</summary>
    public static TheoryData<string[], string> Histories { get; } = new()
    {
        { ["I 1 1 'a' '{}'", "U 2 2 NULL NULL"], "2 a {}" },
        { ["I 1 1 'a' '{}'", "U 2 2 'b' NULL", "U 3 3 NULL '[]'"], "3 b []" },
        { ["U 1 1 'a' NULL", "U 2 2 NULL '[]'", "U 3 3 NULL NULL"], "3 a []" },
        { ["I 1 1 'a' '{}'", "I 2 2 NULL NULL", "U 3 3 NULL '[]'"], "3 ∅ []" },
        { ["I 1 1 'a' '{}'", "D 2 NULL NULL NULL", "I 3 3 NULL '[]'", "U 4 4 NULL NULL"], "4 ∅ []" },
        { ["I 1 1 'a' '{}'", "D 2 NULL NULL NULL", "U 3 3 NULL NULL"], "3 ∅ ∅" },
        { ["I 1 1 'a' '{}'", "U 2 2 'b' '[]'", "D 3 NULL NULL NULL"], "" },
        { ["U 1 1 NULL NULL", "U 2 2 NULL NULL"], "2 ∅ ∅" },
    };

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task In_order_reversed_or_in_one_batch_the_row_is_the_same(string[] changes, string expected)
    {
        int[] forth = [.. Enumerable.Range(0, changes.Length)];
        IEnumerable<int[]> orders = [forth, [.. forth.Reverse()], [0, .. forth.Skip(1).Reverse()]];
        foreach (var (order, number) in orders.Select((order, number) => (order, number)))
        {
            var table = Docs with { Name = $"people{number}", Target = $"analytics.people{number}" };
            foreach (var change in order)
            {
                await Lake.CdcAsync(table, Select([changes[change]]));
                await MergeAsync(table);
            }

            Assert.Equal(expected, await RowAsync(table));
        }

        var once = Docs with { Name = "once", Target = "analytics.once" };
        await Lake.CdcAsync(once, Select(changes.Reverse()));
        await MergeAsync(once);
        Assert.Equal(expected, await RowAsync(once));
    }

    [Theory]
    [InlineData("U 2 2 NULL NULL", "U 2 2 'b' '[]'")]
    [InlineData("U 2 2 'b' '[]'", "U 2 2 NULL NULL")]
    [InlineData("U 2 2 'b' NULL", "U 2 2 NULL '[]'")]
    public async Task Of_two_tellings_of_one_change_each_value_is_taken(string one, string other)
    {
        await Lake.CdcAsync(Docs, Select(["I 1 1 'a' '{}'", one, other]));

        await MergeAsync(Docs);

        Assert.Equal("2 b []", await RowAsync(Docs));
    }

    [Fact]
    public async Task A_snapshot_row_fills_what_a_later_update_left_open()
    {
        await Lake.CdcAsync(Docs, Select(["U 5 5 NULL '[]'"]));
        await MergeAsync(Docs);
        await Lake.LoadAsync(Docs, 1, "SELECT 1 AS id, 1 AS rank, 'snapshot' AS name, '{}' AS body");

        Assert.Equal(new RowCounts { Read = 1, Updated = 1 }, await MergeAsync(Docs));
        Assert.Equal("5 snapshot []", await RowAsync(Docs));

        await Lake.LoadAsync(Docs, 2, "SELECT 1 AS id, 1 AS rank, 'snapshot' AS name, '{}' AS body");
        Assert.Equal(new RowCounts { Read = 1, Stale = 1 }, await MergeAsync(Docs));
    }

    [Fact]
    public async Task A_row_keeps_the_commit_time_of_its_newest_change_when_an_older_one_fills_it()
    {
        for (var day = 2; day >= 1; day--)
        {
            var made = DateTime.UtcNow.Date.AddSeconds(day);
            await Lake.PutAsync(
                Lake.CdcKey(Docs, made, made),
                $"SELECT op AS \"Op\", '2026-01-0{day} 00:00:00.000000' AS cdc_timestamp, id, rank, name, body, "
                + $"lpad(v::VARCHAR, 35, '0') AS cdc_change_seq FROM ({Select([day == 2 ? "U 2 2 NULL '[]'" : "I 1 1 'a' '{}'"])})");
            await MergeAsync(Docs);
        }

        Assert.Equal("2 a []", await RowAsync(Docs));
        await AssertAnswerAsync<string>(
            "2026-01-02",
            "SELECT to_char(_cdc_committed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') FROM analytics.people");
    }

    [Fact]
    public async Task A_row_whose_columns_are_all_of_one_version_again_keeps_no_other()
    {
        foreach (var change in (string[])["I 1 1 'a' '{}'", "U 2 2 NULL '[]'", "U 3 3 'b' '{}'"])
        {
            await Lake.CdcAsync(Docs, Select([change]));
            await MergeAsync(Docs);
        }

        await AssertAnswerAsync(0L, "SELECT count(_cdc_registers) FROM analytics.people");
    }

    [Fact]
    public async Task A_file_with_the_key_alone_may_be_the_first()
    {
        await Lake.CdcAsync(Docs, "SELECT 'I' AS op, 5 AS v, 1 AS id");
        await MergeAsync(Docs);
        await Lake.CdcAsync(Docs, "SELECT 'U' AS op, 6 AS v, 1 AS id");

        Assert.Equal(new RowCounts { Read = 1, Updated = 1 }, await MergeAsync(Docs));

        await AssertAnswerAsync(6m, "SELECT mod(_cdc_version, 1e35) FROM analytics.people");
    }

    [Fact]
    public async Task Trusted_NULLs_are_values()
    {
        var trusting = Docs with { LobUpdates = LobUpdates.Trust };
        await Lake.CdcAsync(trusting, Select(["I 1 1 'a' '{}'"]));
        await Lake.CdcAsync(trusting, Select(["U 2 2 NULL NULL"]));
        await MergeAsync(trusting, batchBytes: 1);

        Assert.Equal("2 ∅ ∅", await RowAsync(trusting));
    }

    [Fact]
    public async Task A_soft_delete_keeps_the_registers_too()
    {
        var soft = Docs with { Deletes = DeleteMode.Soft };
        await Lake.CdcAsync(soft, Select(["D 9 NULL NULL NULL"]));
        await Lake.CdcAsync(soft, Select(["U 5 5 NULL '[]'"]));
        await Lake.CdcAsync(soft, Select(["I 1 1 'a' '{}'"]));
        await MergeAsync(soft, batchBytes: 1);

        Assert.Equal("5 a []", await RowAsync(soft));
        Assert.True(await Analytics.ScalarAsync<bool>("SELECT _cdc_deleted FROM analytics.people"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_values_of_a_column_that_is_gone_at_the_source_stay_whatever_comes_first(bool reversed)
    {
        var table = People;
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 9 AS id, 'seen' AS name");
        await MergeAsync(table);
        var files = new[] { "SELECT 'I' AS op, 2 AS v, 1 AS id, 'ada' AS name", "SELECT 'U' AS op, 5 AS v, 1 AS id" };
        foreach (var file in reversed ? files.Reverse() : files)
        {
            await Lake.CdcAsync(table, file);
            await MergeAsync(table);
        }

        Assert.Equal("1=ada 9=seen", await PeopleAsync());
        await AssertAnswerAsync(5m, "SELECT mod(_cdc_version, 1e35) FROM analytics.people WHERE id = 1");
    }

    [Fact]
    public async Task A_quarantined_change_whose_register_is_still_wanted_stays_open_and_a_retry_fills_it()
    {
        await TargetAsync("id integer PRIMARY KEY, rank integer CHECK (rank > 0), name text, \"the body\" jsonb");
        await Lake.CdcAsync(Docs, Select(["I 1 -1 'a' '{}'"]));
        await Lake.CdcAsync(Docs, Select(["U 2 2 NULL '[]'"]));
        await MergeAsync(Docs, batchBytes: 1);
        Assert.Equal("2 ∅ []", await RowAsync(Docs));
        Assert.Single(await QuarantineAsync());
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people DROP CONSTRAINT people_rank_check");

        Assert.Equal(new RetryResult(Closed: 1, Open: 0), await RetryAsync(Docs));

        Assert.Equal("2 a []", await RowAsync(Docs));
    }

    [Theory]
    [InlineData(1L << 30)]
    [InlineData(1L)]
    public async Task Spellings_of_one_key_keep_each_others_registers(long batchBytes)
    {
        var spelt = People with
        {
            Key = ["k"],
            Columns = null,
            LobUpdates = LobUpdates.KeepOnNull,
        };
        await TargetAsync("k citext PRIMARY KEY, body text", "CREATE EXTENSION citext");
        foreach (var change in new[] { "'I' AS op, 1 AS v, 'Bob' AS k, 'a' AS body", "'U', 2, 'BOB', 'b'", "'U', 3, 'bob', NULL::VARCHAR" })
            if (batchBytes == 1)
                await Lake.CdcAsync(spelt, $"SELECT op, v, k, body FROM (SELECT {change}) t(op, v, k, body)");
        if (batchBytes > 1)
            await Lake.CdcAsync(
                spelt, "SELECT * FROM (VALUES ('I', 1, 'Bob', 'a'), ('U', 2, 'BOB', 'b'), ('U', 3, 'bob', NULL)) t(op, v, k, body)");

        var rows = await MergeAsync(spelt, batchBytes);

        Assert.Equal(3, rows.Read);
        await AssertAnswerAsync<string>("bob b 3", "SELECT k || ' ' || body || ' ' || mod(_cdc_version, 1e35) FROM analytics.people");
    }

    [Fact]
    public async Task Deletes_and_images_under_several_spellings_of_one_key_are_merged_in_their_order()
    {
        var spelt = Bare with { Key = ["k"], LobUpdates = LobUpdates.KeepOnNull };
        await TargetAsync("k citext PRIMARY KEY, body text", "CREATE EXTENSION citext");
        await Lake.CdcAsync(
            spelt,
            "SELECT * FROM (VALUES ('I', 1, 'Bob', 'a'), ('D', 2, 'BOB', NULL), ('D', 3, 'bob', NULL), ('I', 4, 'Bob', 'b'), "
            + "('U', 5, 'BOB', NULL)) t(op, v, k, body)");

        await MergeAsync(spelt);

        await AssertAnswerAsync<string>("BOB b 5", "SELECT k || ' ' || body || ' ' || mod(_cdc_version, 1e35) FROM analytics.people");
    }

    [Fact]
    public async Task A_quarantined_update_that_left_all_registers_open_is_closed_by_a_newer_one()
    {
        await TargetAsync("id integer PRIMARY KEY, rank integer CHECK (rank > 0), name text, \"the body\" jsonb");
        foreach (var change in (string[])["I 1 1 'a' '{}'", "U 2 -1 NULL NULL", "U 3 3 NULL NULL"])
            await Lake.CdcAsync(Docs, Select([change]));

        await MergeAsync(Docs, batchBytes: 1);

        Assert.Equal("3 a {}", await RowAsync(Docs));
        Assert.Empty(await QuarantineAsync());
    }

    [Theory]
    [InlineData(100, 10)]
    [InlineData(801, 3)]
    public async Task Registers_cost_one_pass_however_many_there_are(int columns, int updates)
    {
        var wide = People with { Columns = null, Key = null, LobUpdates = LobUpdates.KeepOnNull };
        var names = Enumerable.Range(0, columns).Select(column => $"c{column}").ToList();
        await TargetAsync($"id integer PRIMARY KEY, {string.Join(", ", names.Select(name => $"{name} text"))}");
        // DuckDB's writer keeps a page of this size for each column.
        const string options = "COMPRESSION gzip, STRING_DICTIONARY_PAGE_SIZE_LIMIT 1000";
        await Lake.LoadAsync(
            wide,
            1,
            $"SELECT range::INTEGER AS id, {string.Join(", ", names.Select(name => $"'{name}' AS {name}"))} FROM range(20)",
            options);
        // Each update says one column alone, and a second one of the same row another.
        await Lake.CdcAsync(
            wide,
            "SELECT 'U' AS op, range + 1 AS v, (range // 2)::INTEGER AS id, "
            + string.Join(", ", names.Select((name, at) => $"CASE WHEN range % {columns} = {at} THEN 'u' || range END AS {name}"))
            + $" FROM range({2 * updates})",
            options);
        var job = new MergeJob(Lake.Reader, Analytics.ConnectionString, memoryMegabytes: 256, time: Clock);

        while ((await job.RunAsync(wide, 1L << 30, CancellationToken.None)).More)
        {
        }

        await AssertAnswerAsync<string>(
            "u0 u1 c2 | c0 c1 u2",
            "SELECT string_agg(c0 || ' ' || c1 || ' ' || c2, ' | ' ORDER BY id) FROM analytics.people WHERE id < 2");
    }

    private static string Select(IEnumerable<string> changes)
    {
        var rows = changes.Select(change => change.Split(' ')).Select(parts => $"('{parts[0]}', {string.Join(", ", parts[1..])})");
        return "SELECT op, v, 1 AS id, rank::INTEGER AS rank, name::VARCHAR AS name, body::VARCHAR AS body "
            + $"FROM (VALUES {string.Join(", ", rows)}) t(op, v, rank, name, body)";
    }

    private async Task<string> RowAsync(TableDefinition table) => await Analytics.ScalarAsync<string>(
        $"""
        SELECT string_agg(rank || ' ' || coalesce(name, '∅') || ' ' || coalesce("the body"::text, '∅'), ', ') FROM {table.Target}
        """) ?? "";
}
