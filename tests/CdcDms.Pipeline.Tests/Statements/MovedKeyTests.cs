namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>
/// DMS writes the update of a primary key as one row, with the old key in columns beside it. The row is gone under its old key and there
/// under the new one, whatever comes first and in whatever batches.
/// </summary>
public sealed class MovedKeyTests(TestServers servers) : MergeFixture(servers)
{
    /// <summary>Changes <c>(op, v, id, name, old key)</c>, and the rows that they must give.</summary>
    public static TheoryData<string[], string> Histories { get; } = new()
    {
        { ["('I', 1, 1, 'ada', NULL)", "('U', 2, 7, 'ada', 1)"], "7=ada" },
        { ["('I', 1, 1, 'ada', NULL)", "('U', 2, 7, 'ada', 1)", "('U', 3, 9, 'ada', 7)"], "9=ada" },
        { ["('I', 1, 1, 'ada', NULL)", "('U', 2, 7, 'ada', 1)", "('I', 3, 1, 'bob', NULL)"], "1=bob 7=ada" },
        { ["('I', 1, 1, 'ada', NULL)", "('U', 2, 7, 'eve', 1)", "('D', 3, 7, NULL, NULL)"], "" },
        { ["('I', 1, 1, 'ada', NULL)", "('U', 2, 1, 'eve', 1)"], "1=eve" },
        { ["('I', 1, 1, 'ada', NULL)", "('U', 2, 7, 'too long', 1)"], "" },
        { ["('I', 1, 1, 'ada', NULL)", "('U', 2, 7, 'too long', 1)", "('U', 3, 7, 'bob', NULL)"], "7=bob" },
        { ["('I', 1, 1, 'ada', NULL)", "('D', 2, 1, NULL, NULL)", "('I', 3, 2, 'bob', NULL)", "('U', 4, 1, 'bob', 2)"], "1=bob" },
    };

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task In_order_reversed_or_in_one_batch_a_moved_row_is_where_it_went(string[] changes, string expected)
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        for (var number = 0; number < 3; number++)
        {
            var table = Bare with { Name = $"people{number}", Target = $"analytics.people{number}" };
            await Analytics.ExecuteAsync($"CREATE TABLE {table.Target} (LIKE analytics.people INCLUDING ALL)");
            foreach (var file in number == 0 ? [changes] : (number == 1 ? changes : changes.Reverse()).Select(change => new[] { change }))
                await Lake.CdcAsync(table, Select(file));
            await MergeAsync(table, number == 0 ? 1L << 30 : 1);

            await AssertAnswerAsync<string>(
                expected, $"SELECT coalesce(string_agg(id || '=' || name, ' ' ORDER BY id), '') FROM {table.Target}");
        }
    }

    [Theory]
    [InlineData("boolean", "true", "false")]
    [InlineData("date", "DATE '2026-01-01'", "DATE '2026-01-02'")]
    [InlineData("numeric", "1.50::DECIMAL(10,2)", "2::DECIMAL(10,2)")]
    [InlineData("timestamp", "TIMESTAMP '2026-01-01 00:00:00.000001'", "TIMESTAMP '2026-01-02'")]
    [InlineData("bytea", "'\\x00\\xFF'::BLOB", "'\\x01'::BLOB")]
    public async Task Keys_of_every_kind_move(string type, string old, string now)
    {
        await TargetAsync($"id {type} PRIMARY KEY, name text");
        await Lake.CdcAsync(Bare, $"SELECT 'I' AS op, 1 AS v, {old} AS id, 'ada' AS name");
        await MergeAsync(Bare);
        await Lake.CdcAsync(Bare, $"SELECT 'U' AS op, 2 AS v, {now} AS id, 'eve' AS name, {old} AS \"BI_id\"");

        Assert.Equal(new RowCounts { Read = 1, Inserted = 1, Moved = 1 }, await MergeAsync(Bare));

        await AssertAnswerAsync<string>("eve", "SELECT string_agg(name, ' ') FROM analytics.people");
    }

    [Fact]
    public async Task An_old_key_of_another_type_that_does_not_read_as_a_key_moves_nothing()
    {
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name");
        await Lake.CdcAsync(People, "SELECT 'U' AS op, 2 AS v, 7 AS id, 'eve' AS name, true AS \"BI_id\"");

        await MergeAsync(People);

        Assert.Equal("1=ada 7=eve", await PeopleAsync());
    }

    [Fact]
    public async Task A_moved_row_is_counted_apart_and_its_old_key_is_no_new_column()
    {
        await Lake.CdcAsync(People with { Columns = null }, Select(["('I', 1, 1, 'ada', NULL)", "('I', 1, 2, 'bob', NULL)"]));
        await MergeAsync(People);
        await Lake.CdcAsync(People, Select(["('U', 2, 7, 'ada', 1)", "('U', 2, 2, 'eve', NULL)"]));

        Assert.Equal(new RowCounts { Read = 2, Inserted = 1, Updated = 1, Moved = 1 }, await MergeAsync(People));

        Assert.Equal("2=eve 7=ada", await PeopleAsync());
        await AssertAnswerAsync<long>(1, "SELECT sum(moved)::bigint FROM cdc.batches");
        await AssertAnswerAsync<long>(
            0, "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'analytics' AND column_name LIKE 'BI%'");
    }

    [Theory]
    [InlineData(DeleteMode.Hard, "2 new body 1")]
    [InlineData(DeleteMode.Soft, "1 old body 0 | 2 new body 1")]
    public async Task A_soft_delete_marks_the_old_key_and_registers_go_on(DeleteMode deletes, string expected)
    {
        var docs = Bare with { Deletes = deletes, LobUpdates = LobUpdates.KeepOnNull };
        await TargetAsync("id integer PRIMARY KEY, name text");
        await Lake.CdcAsync(docs, Select(["('I', 1, 1, 'old body', NULL)", "('U', 2, 2, 'new body', 1)", "('U', 3, 2, NULL, NULL)"]));

        await MergeAsync(docs);

        await AssertAnswerAsync<string>(
            expected,
            "SELECT string_agg(id || ' ' || name || ' ' || "
            + (deletes is DeleteMode.Soft ? "(NOT _cdc_deleted)::int" : "1") + ", ' | ' ORDER BY id) FROM analytics.people");
    }

    [Fact]
    public async Task A_change_of_spelling_hides_no_move_of_the_key_before_it()
    {
        await TargetAsync("k citext PRIMARY KEY, name text", before: "CREATE EXTENSION citext");
        var spelt = People with { Key = ["k"], Columns = null, LobUpdates = LobUpdates.KeepOnNull };
        await Lake.CdcAsync(
            spelt,
            """
            SELECT * FROM (VALUES ('I', 10, 'Abc', 'one', NULL), ('U', 20, 'other', 'two', 'Abc'), ('U', 40, 'abc', NULL, 'Abc'))
                t(op, v, k, name, "BI_k")
            """);

        await MergeAsync(spelt);

        await AssertAnswerAsync<string>(
            "abc=∅ other=two", "SELECT string_agg(k || '=' || coalesce(name, '∅'), ' ' ORDER BY k) FROM analytics.people");
    }

    [Theory]
    [InlineData("good", "abc=good")]
    [InlineData("too long", "Abc=ada")]
    public async Task A_key_that_only_changes_its_spelling_stays_where_it_is(string name, string expected)
    {
        var spelt = People with { Key = ["k"], Columns = null };
        await TargetAsync("k citext PRIMARY KEY, name varchar(5)", "CREATE EXTENSION citext");
        await Lake.CdcAsync(spelt, "SELECT 'I' AS op, 1 AS v, 'Abc' AS k, 'ada' AS name, NULL::VARCHAR AS \"BI_k\"");
        await Lake.CdcAsync(spelt, $"SELECT 'U' AS op, 2 AS v, 'abc' AS k, '{name}' AS name, 'Abc' AS \"BI_k\"");

        await MergeAsync(spelt, batchBytes: 1);

        await AssertAnswerAsync<string>(expected, "SELECT string_agg(k || '=' || name, ' ') FROM analytics.people");
    }

    [Fact]
    public async Task A_key_of_which_one_column_only_changes_its_spelling_stays_where_it_is()
    {
        var pairs = Bare with { Key = ["k", "n"] };
        await TargetAsync("k citext, n integer, name text, PRIMARY KEY (k, n)", "CREATE EXTENSION citext");
        await Lake.CdcAsync(
            pairs,
            "SELECT * FROM (VALUES ('I', 1, 'Abc', 1, 'ada', NULL, NULL), ('U', 2, 'abc', 1, 'bob', 'Abc', 1), "
            + "('I', 1, 'Xyz', 1, 'cyd', NULL, NULL), ('U', 2, 'xyz', 2, 'dan', 'Xyz', 1)) t(op, v, k, n, name, \"BI_k\", \"BI_n\")");

        await MergeAsync(pairs);

        await AssertAnswerAsync<string>(
            "abc 1 bob, xyz 2 dan", "SELECT string_agg(concat_ws(' ', k, n, name), ', ' ORDER BY k) FROM analytics.people");
    }

    [Fact]
    public async Task A_new_key_that_the_target_cannot_read_leaves_the_old_one_nevertheless()
    {
        const string first = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
        await TargetAsync("id uuid PRIMARY KEY, name text");
        await Lake.CdcAsync(
            Bare,
            "SELECT * FROM (VALUES "
            + $"('I', 1, '{first}', 'ada', NULL), ('U', 2, 'no uuid', 'ada', '{first}'), ('U', 3, '{first[..^1]}2', 'bob', 'neither')) "
            + "t(op, v, id, name, \"BI_id\")");

        Assert.Equal(new RowCounts { Read = 3, Inserted = 1, Stale = 1, Quarantined = 1, Moved = 1 }, await MergeAsync(Bare));

        await AssertAnswerAsync<string>("bob", "SELECT string_agg(name, ' ') FROM analytics.people");
    }

    [Fact]
    public async Task A_row_whose_old_key_is_told_in_part_is_put_aside()
    {
        var pairs = People with { Key = ["a", "b"], Columns = null };
        await TargetAsync("a integer, b integer, name text, PRIMARY KEY (a, b)");
        await Lake.CdcAsync(
            pairs,
            "SELECT op, v, a, b, name, o::INTEGER AS \"BI_a\", p::INTEGER AS \"BI_b\" FROM (VALUES "
            + "('I', 1, 1, 1, 'ada', NULL, NULL), ('U', 2, 2, 1, 'part', 1, NULL), "
            + "('I', 1, 5, 5, 'bob', NULL, NULL), ('U', 2, 5, 6, 'bob', 5, 5)) t(op, v, a, b, name, o, p)");

        Assert.Equal(1, (await MergeAsync(pairs)).Quarantined);

        await AssertAnswerAsync<string>(
            "1 1 ada, 5 6 bob", "SELECT string_agg(concat_ws(' ', a, b, name), ', ' ORDER BY a) FROM analytics.people");
        Assert.Contains("told in part only", Assert.Single(await QuarantineAsync()).Error, StringComparison.Ordinal);
    }

    private static string Select(IEnumerable<string> changes) =>
        "SELECT op, v, id, name::VARCHAR AS name, was::INTEGER AS \"BI_id\" "
        + $"FROM (VALUES {string.Join(", ", changes)}) t(op, v, id, name, was)";
}
