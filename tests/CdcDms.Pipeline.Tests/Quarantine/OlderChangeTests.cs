using CdcDms.Pipeline.Quarantine;

namespace CdcDms.Pipeline.Tests.Quarantine;

/// <summary>
/// Where the newest change of a key is refused, the next older one counts, as it would in a batch of its own: any batching gives the same
/// rows.
/// </summary>
public sealed class OlderChangeTests(TestServers servers) : MergeFixture(servers)
{
    private const string Short = "id integer PRIMARY KEY, name varchar(5)";

    /// <summary>Changes of several keys, and the rows and the number of open refused changes that they must give.</summary>
    public static TheoryData<string[], string, int> Histories { get; } = new()
    {
        { ["('I', 1, 1, 'ada')", "('U', 5, 1, 'too long')"], "1=ada", 1 },
        { ["('I', 1, 1, 'ada')", "('D', 3, 1, NULL)", "('I', 5, 1, 'too long')"], "", 1 },
        { ["('I', 1, 1, 'ada')", "('D', 3, 1, NULL)", "('I', 4, 1, 'bob')", "('U', 5, 1, 'too long')"], "1=bob", 1 },
        { ["('U', 2, 1, 'long one')", "('U', 3, 1, 'long two')", "('U', 4, 1, 'long three')"], "", 3 },
        {
            [
                "('I', 1, 1, 'ada')", "('U', 2, 1, 'long one')", "('U', 3, 1, 'bob')", "('U', 4, 1, 'long two')",
                "('U', 5, 1, 'long three')",
                "('I', 1, 2, 'cyd')", "('U', 6, 2, 'long four')", "('I', 1, 3, 'dan')", "('U', 7, 3, 'dora')",
            ],
            "1=bob 2=cyd 3=dora", 3
        },
        { ["('I', 1, 1, 'ada')", "('U', 4, 1, 'too long')", "('D', 5, 1, NULL)", "('I', 6, 1, 'eve')"], "1=eve", 0 },
    };

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task Refused_changes_hide_no_older_good_change_and_no_delete(string[] changes, string expected, int open)
    {
        await TargetAsync(Short);
        await ChangesAsync(Bare, changes);
        var once = await MergeAsync(Bare);
        var (rows, quarantined) = (await PeopleAsync(), (await QuarantineAsync()).Select(change => change.Version).Order().ToList());

        Assert.Equal(expected, rows);
        Assert.Equal(changes.Length, once.Read);
        Assert.Equal(open, quarantined.Count);

        var apart = Bare with { Target = "analytics.apart", Name = "apart" };
        await Analytics.ExecuteAsync($"CREATE TABLE analytics.apart ({Short})");
        foreach (var change in changes)
            await ChangesAsync(apart, change);
        await MergeAsync(apart, batchBytes: 1);

        await AssertAnswerAsync<string>(rows, AllOf("apart"));
        await AssertAnswerAsync<long>(2 * open, "SELECT count(*) FROM cdc.quarantine WHERE closed_at IS NULL");
    }

    [Fact]
    public async Task An_older_change_of_a_key_keeps_its_place_when_the_newest_is_retried()
    {
        await TargetAsync(Short);
        await ChangesAsync(Bare, "('I', 1, 1, 'ada')", "('D', 3, 1, NULL)", "('I', 5, 1, 'too long')");
        await MergeAsync(Bare);
        await Lake.ChangeAsync(Bare, 'U', 2, 1, "late");
        await MergeAsync(Bare);
        Assert.Equal("", await PeopleAsync());
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ALTER name TYPE text");

        Assert.Equal(new RetryResult(Closed: 1, Open: 0), await RetryAsync(Bare));

        Assert.Equal("1=too long", await PeopleAsync());
    }

    [Theory]
    [InlineData(DeleteMode.Hard, "3 ∅ x")]
    [InlineData(DeleteMode.Soft, "3 ∅ x")]
    public async Task A_register_of_an_older_change_does_not_wait_in_the_quarantine_with_a_newer_one(DeleteMode deletes, string expected)
    {
        var docs = Bare with { Deletes = deletes, LobUpdates = LobUpdates.KeepOnNull };
        await TargetAsync("id integer PRIMARY KEY, qty integer CHECK (qty > 0), body text, note text");
        await Lake.CdcAsync(
            docs,
            "SELECT op, v, id, qty, body::VARCHAR AS body, note::VARCHAR AS note FROM (VALUES "
            + "('I', 2, 1, 2, NULL, NULL), ('U', 3, 1, 3, 'x', NULL), ('U', 5, 1, -1, NULL, 'refused'), ('U', 6, 1, -2, 'y', NULL)) "
            + "t(op, v, id, qty, body, note)");

        Assert.Equal(new RowCounts { Read = 4, Inserted = 1, Updated = 1, Quarantined = 2 }, WithoutStale(await MergeAsync(docs)));

        await AssertAnswerAsync<string>(
            expected, "SELECT concat_ws(' ', qty, coalesce(note, '∅'), body) FROM analytics.people");
    }

    [Fact]
    public async Task An_older_register_that_is_refused_does_not_take_the_newer_change_with_it()
    {
        var docs = Bare with { LobUpdates = LobUpdates.KeepOnNull };
        await TargetAsync("id integer PRIMARY KEY, qty integer, body text CHECK (body <> 'bad')");
        await Lake.CdcAsync(
            docs,
            "SELECT op, v, id, qty, body::VARCHAR AS body FROM (VALUES "
            + "('I', 1, 1, 1, 'good'), ('U', 2, 1, 2, 'bad'), ('U', 3, 1, 3, NULL)) t(op, v, id, qty, body)");

        await MergeAsync(docs);

        await AssertAnswerAsync<string>("3 good", "SELECT concat_ws(' ', qty, body) FROM analytics.people");
        Assert.Equal(TestLake.Version(2), Assert.Single(await QuarantineAsync()).Version);
    }

    [Theory]
    [InlineData('I', "2")]
    [InlineData('U', "2 old")]
    public async Task An_insert_that_is_tried_again_says_each_column_and_an_update_only_what_it_tells(char operation, string expected)
    {
        var docs = Bare with { LobUpdates = LobUpdates.KeepOnNull };
        await TargetAsync("id integer PRIMARY KEY, qty integer CHECK (qty <> 2), body text");
        await Lake.CdcAsync(docs, "SELECT 'I' AS op, 1 AS v, 1 AS id, 1 AS qty, 'old' AS body");
        await Lake.CdcAsync(docs, $"SELECT '{operation}' AS op, 2 AS v, 1 AS id, 2 AS qty, NULL::VARCHAR AS body");
        Assert.Equal(1, (await MergeAsync(docs)).Quarantined);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people DROP CONSTRAINT people_qty_check");

        Assert.Equal(new RetryResult(Closed: 1, Open: 0), await RetryAsync(docs));

        await AssertAnswerAsync<string>(expected, "SELECT concat_ws(' ', qty, body) FROM analytics.people");
    }

    [Fact]
    public async Task A_change_that_is_refused_only_together_with_an_older_one_is_put_aside()
    {
        var docs = Bare with { LobUpdates = LobUpdates.KeepOnNull };
        await TargetAsync("id integer PRIMARY KEY, qty integer, body text, CHECK (qty > 1 OR body IS NULL)");
        await Lake.CdcAsync(
            docs,
            "SELECT op, v, id, qty, body::VARCHAR AS body FROM (VALUES "
            + "('I', 1, 1, 1, NULL), ('U', 2, 1, 2, 'body'), ('U', 3, 1, 1, NULL), ('I', 4, 2, 5, 'fine')) t(op, v, id, qty, body)");

        Assert.Equal(1, (await MergeAsync(docs)).Quarantined);

        await AssertAnswerAsync<long>(2, "SELECT count(*) FROM analytics.people");
        Assert.Single(await QuarantineAsync());
    }

    [Theory]
    [InlineData("DATE '5874898-01-01'", "date", "a date is out of range")]
    [InlineData("DATE '4714-11-23 (BC)'", "date", "a date is out of range")]
    [InlineData("TIMESTAMP '290000-01-01 (BC) 00:00:00'", "timestamp", "a timestamp is out of range")]
    [InlineData("TIMESTAMP '290308-12-22 (BC) 00:00:00'", "timestamp", "a timestamp is out of range")]
    [InlineData("TIMESTAMPTZ '290000-01-01 (BC) 00:00:00+00'", "timestamptz", "a timestamp is out of range")]
    public async Task A_value_that_COPY_refuses_is_put_aside_and_the_older_change_counts(string value, string type, string sentence)
    {
        await TargetAsync($"id integer PRIMARY KEY, name {type}");
        var fileType = value[..value.IndexOf(' ', StringComparison.Ordinal)];
        var good = $"{fileType} '2026-01-02'";
        await Lake.CdcAsync(
            Bare,
            $"SELECT 'I' AS op, 1 AS v, 1 AS id, {good} AS name UNION ALL SELECT 'U', 2, 1, {value} UNION ALL SELECT 'I', 3, 2, {good}"
            + $" UNION ALL SELECT 'I', 4, 3, 'infinity'::{fileType}");

        Assert.Equal(new RowCounts { Read = 4, Inserted = 3, Quarantined = 1 }, await MergeAsync(Bare));

        await AssertAnswerAsync<string>(
            "1=2026-01-02 2=2026-01-02 3=infinity",
            "SELECT string_agg(id || '=' || left(name::text, 10), ' ' ORDER BY id) FROM analytics.people");
        Assert.Contains(sentence, Assert.Single(await QuarantineAsync()).Error, StringComparison.Ordinal);
    }

    // Which of a key's layers come before which other is no promise; that every row is counted is.
    private static RowCounts WithoutStale(RowCounts rows) => rows with { Stale = 0, Updated = rows.Updated + rows.Stale, Superseded = 0 };

    private static string AllOf(string table) =>
        $"SELECT coalesce(string_agg(id || '=' || coalesce(name::text, '∅'), ' ' ORDER BY id), '') FROM analytics.{table}";
}
