using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>What proofs find and cure, and what they leave alone.</summary>
public sealed class ProofTests(TestServers servers) : ProofFixture(servers)
{
    public static TheoryData<TableDefinition> Definitions => new(
        People,
        People with { Deletes = DeleteMode.Soft },
        People with { LobUpdates = LobUpdates.KeepOnNull });

    [Theory]
    [MemberData(nameof(Definitions))]
    public async Task Rows_that_are_missing_too_many_or_changed_are_told_and_nothing_else(TableDefinition table)
    {
        await DamagedAsync(table);
        var marker = await AskAsync(table, repairs: false, 1, 2, 3, 4, 9);
        Assert.Equal("0 0 0", await OutcomeAsync(marker));

        await MarkersAsync(marker, 100, 200);
        await MergeAsync(table);

        Assert.Equal("Different 0 0 0", await OutcomeAsync(marker));
        Assert.Equal("Missing 1, Extra 2, Changed 3 name", await DifferencesAsync());
        Assert.Equal("2=bob 3=CYD 4=dan", await LivingAsync(table));
        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM cdc.proof_rows");
    }

    [Theory]
    [MemberData(nameof(Definitions))]
    public async Task A_repair_makes_them_as_they_are_at_the_source_below_every_later_change(TableDefinition table)
    {
        await DamagedAsync(table);
        var marker = await AskAsync(table, repairs: true, 1, 2, 3, 4, 9);
        await MarkersAsync(marker, 100, 200);
        await MergeAsync(table);
        Assert.Equal("Different 0 0 3", await OutcomeAsync(marker));
        Assert.Equal("1=ada 3=cyd 4=dan", await LivingAsync(table));

        // What comes later from before the marker changes nothing, what is from after it does.
        await ChangesAsync(table, "('I', 50, 1, 'old')", "('I', 51, 2, 'old')", "('U', 52, 3, 'old')", "('I', 53, 9, 'old')");
        await MergeAsync(table);
        Assert.Equal("1=ada 3=cyd 4=dan", await LivingAsync(table));
        await ChangesAsync(table, "('U', 150, 1, 'new')", "('I', 151, 2, 'new')", "('D', 152, 3, NULL)", "('I', 153, 9, 'new')");
        await MergeAsync(table);
        Assert.Equal("1=new 2=new 4=dan 9=new", await LivingAsync(table));
    }

    [Theory]
    [MemberData(nameof(Definitions))]
    public async Task A_key_that_changed_after_the_first_marker_is_left_alone(TableDefinition table)
    {
        await DamagedAsync(table);
        var marker = await AskAsync(table, repairs: true, 1, 2, 3, 4);
        await ChangesAsync(table, "('I', 150, 1, 'new')", "('U', 151, 2, 'new')", "('D', 152, 3, NULL)", "('D', 153, 4, NULL)");
        await MergeAsync(table);

        await MarkersAsync(marker, 100, 200);
        await MergeAsync(table);

        Assert.Equal("Proven 4 0 0", await OutcomeAsync(marker));
        Assert.Equal("1=new 2=new", await LivingAsync(table));
    }

    [Fact]
    public async Task Nothing_is_judged_before_the_second_marker_is_due()
    {
        await DamagedAsync(People);
        var marker = await AskAsync(People, repairs: true, 1, 2, 3);
        await MarkersAsync(marker, 100, 200, due: false);
        await MergeAsync(People);

        Assert.Equal("0 0 0", await OutcomeAsync(marker));
        Assert.Equal("2=bob 3=CYD 4=dan", await PeopleAsync());
    }

    [Fact]
    public async Task Proofs_are_judged_in_the_order_of_their_markers_and_the_newest_read_decides()
    {
        await DamagedAsync(People);
        var first = await AskAsync(People, repairs: true, 1);
        await Source.ExecuteAsync("TRUNCATE people");
        var second = await AskAsync(People, repairs: true, 1);
        await MarkersAsync(first, 100, 200);
        await MarkersAsync(second, 300, 400);
        await MergeAsync(People);

        Assert.Equal("Different 0 0 1", await OutcomeAsync(first));
        Assert.Equal("Different 0 0 1", await OutcomeAsync(second));
        Assert.Equal("2=bob 3=CYD 4=dan", await PeopleAsync());
    }

    [Fact]
    public async Task A_proof_whose_markers_are_lost_does_not_hold_up_the_next()
    {
        await DamagedAsync(People);
        var lost = await AskAsync(People, repairs: true, 1);
        var next = await AskAsync(People, repairs: true, 1, 2, 3);
        await Analytics.ExecuteAsync("UPDATE cdc.proofs SET read_at = read_at - interval '1 hour'");
        await MarkersAsync(next, 300, 400);
        await MergeAsync(People);

        Assert.Equal("NotProven 0 0 0", await OutcomeAsync(lost));
        Assert.Equal("Different 0 0 3", await OutcomeAsync(next));
    }

    [Fact]
    public async Task A_target_that_cannot_be_compared_any_more_is_merged_all_the_same()
    {
        await DamagedAsync(People);
        var marker = await AskAsync(People, repairs: true, 1);
        await Analytics.ExecuteAsync("UPDATE cdc.proof_rows SET key = '{\"id\": \"one\"}'");
        await MarkersAsync(marker, 100, 200);
        await ChangesAsync(People, "('I', 9, 9, 'eve')");

        await MergeAsync(People);

        Assert.Equal("NotProven 0 0 0", await OutcomeAsync(marker));
        Assert.Equal("2=bob 3=CYD 4=dan 9=eve", await PeopleAsync());
    }

    [Fact]
    public async Task What_cannot_be_proven_is_told_before_anything_is_read()
    {
        await DamagedAsync(People);
        foreach (var (table, key, sentence) in new (TableDefinition, string[], string)[]
        {
            (People, ["1", "a"], "The key (1, a) has 2 columns, and that of analytics.people has 1: id."),
            (People, ["one"], "the key (one) cannot be read as the type of the key's columns"),
            (People with { Ordering = ChangeOrdering.Timestamp }, ["1"], "markers have none"),
            (People with { Feed = new TableFeed { Prefix = "people/" } }, ["1"], "it is fed from plain files"),
        })
            await AssertUnprovableAsync(table, sentence, key);
        await AssertUnprovableAsync(People, "there is no key");
        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM cdc.proofs");
    }

    [Fact]
    public async Task A_key_with_an_open_quarantined_change_is_explained()
    {
        await TargetAsync("id integer PRIMARY KEY, name text CHECK (name <> 'bad')");
        var table = People with { Columns = null, Key = null };
        await ChangesAsync(table, "('I', 1, 1, 'ada')");
        await ChangesAsync(table, "('U', 2, 1, 'bad')");
        await MergeAsync(table);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'bad'), (2, 'bad')");

        var marker = await AskAsync(table, repairs: true, 1, 2);
        await MarkersAsync(marker, 100, 200);
        await MergeAsync(table);

        Assert.Equal("Different 0 1 0", await OutcomeAsync(marker));
        Assert.Equal("Missing 2", await DifferencesAsync());
        await AssertAnswerAsync<bool>(true, "SELECT cause LIKE 'The target refuses 1 rows of the source: %check%' FROM cdc.proofs");
        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Theory]
    [InlineData("UPDATE cdc.proofs SET asked_at = now() - interval '25 hours'; DELETE FROM cdc.markers", "did not come")]
    [InlineData(
        "UPDATE cdc.markers SET generation = 2 WHERE number = (SELECT marker_after - 1 FROM cdc.proofs)", "A newer generation has begun")]
    [InlineData("UPDATE cdc.tables SET purge_floor = 1e35 + 100 WHERE target_name = 'people'", "older than the deletes")]
    [InlineData("UPDATE cdc.markers SET lowest_version = 1e35 + 900 WHERE number = 1", "do not follow the order")]
    public async Task A_proof_whose_markers_say_nothing_is_not_proven(string before, string cause)
    {
        await DamagedAsync(People);
        var marker = await AskAsync(People, repairs: true, 1, 2, 3);
        await MarkersAsync(marker, 100, 200);
        await Analytics.ExecuteAsync(before);
        await MergeAsync(People);

        Assert.Equal("NotProven 0 0 0", await OutcomeAsync(marker));
        var proof = await Analytics.ScalarAsync<long>("SELECT id FROM cdc.proofs");
        Assert.Contains(cause, (await Proofs.ReadAsync(People, [proof], CancellationToken.None)).Cause, StringComparison.Ordinal);
        Assert.Equal("2=bob 3=CYD 4=dan", await PeopleAsync());
    }

    [Fact]
    public async Task A_server_that_does_not_have_the_marker_yet_is_not_believed()
    {
        await DamagedAsync(People);
        // As a replica that lags behind: what says that a marker is settled is not there.
        await AskAsync(People, repairs: true, 1);
        await Source.ExecuteAsync(
            "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
            + "CREATE TRIGGER forget BEFORE INSERT ON cdcdms.settled FOR EACH ROW EXECUTE FUNCTION forget()");

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => AskAsync(People, repairs: true, 1));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.Contains("a replica that lags behind", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writers_are_waited_for_and_nothing_is_read_before()
    {
        await DamagedAsync(People);
        await using var writer = await Database.OpenAsync(Source.ConnectionString, "source", CancellationToken.None);
        await using var transaction = await writer.BeginTransactionAsync();
        await writer.ExecuteAsync("UPDATE people SET name = 'new' WHERE id = 1", CancellationToken.None);

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => AskAsync(People, repairs: true, 1));

        Assert.Contains("writes to the table for longer than", fault.Message, StringComparison.Ordinal);
        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM cdc.proofs");
    }

    [Fact]
    public async Task Values_of_all_types_come_back_as_they_are_at_the_source()
    {
        const string columns =
            "id integer PRIMARY KEY, b bytea, j jsonb, n numeric, m numeric(10,4), t timestamptz, f double precision, a text[], c char(4), "
            + "u uuid, i interval, e text";
        await Source.ExecuteAsync(
            $$"""
            CREATE TYPE mood AS ENUM ('sad', 'glad');
            CREATE TABLE things ({{columns.Replace("e text", "e mood", StringComparison.Ordinal)}});
            INSERT INTO things VALUES (1, '\x00ff', '{"b": [1, null], "a": "\u00e9"}', 1.500, 2.5, '2026-01-02 03:04:05.123456+09', '-0',
                ARRAY['x', NULL, ',"\'], 'ab', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '1 mon 2 days 00:00:00.000001', 'glad'),
                (2, NULL, NULL, 'NaN', NULL, 'infinity', 'NaN', '{}', '', NULL, NULL, NULL)
            """);
        await Analytics.ExecuteAsync($"CREATE SCHEMA analytics; CREATE TABLE analytics.things ({columns})");
        var things = new TableDefinition { Schema = "public", Name = "things", Target = "analytics.things" };
        await Lake.CdcAsync(things, "SELECT 'I' AS op, 1 AS v, 3 AS id");
        await MergeAsync(things);
        var marker = await AskAsync(things, repairs: true, 1, 2);
        await MarkersAsync(marker, 100, 200);
        await MergeAsync(things);
        Assert.Equal("Different 0 0 2", await OutcomeAsync(marker));
        const string text = "SELECT string_agg(concat_ws('|', id, b, j, n, m, t, f, a, c, u, i, e), E'\\n' ORDER BY id) FROM ";
        Assert.Equal(
            await Source.ScalarAsync<string>($"{text}things"),
            await Analytics.ScalarAsync<string>($"{text}analytics.things WHERE id < 3"));

        var again = await AskAsync(things, repairs: true, 1, 2);
        await MarkersAsync(again, 300, 400);
        await MergeAsync(things);

        Assert.Equal("Proven 0 0 0", await OutcomeAsync(again));
    }

    /// <summary>Four rows, of which three are damaged in the target: one is gone, one should be, and one has another value.</summary>
    private async Task DamagedAsync(TableDefinition table)
    {
        await ChangesAsync(table, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')", "('I', 3, 3, 'cyd')", "('I', 4, 4, 'dan')");
        await MergeAsync(table);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada'), (3, 'cyd'), (4, 'dan')");
        await Analytics.ExecuteAsync(
            "DELETE FROM analytics.people WHERE id = 1; UPDATE analytics.people SET name = 'CYD' WHERE id = 3");
    }

    private async Task<string> LivingAsync(TableDefinition table) => table.Deletes is DeleteMode.Hard ? await PeopleAsync()
        : await Analytics.ScalarAsync<string>(
            "SELECT string_agg(id || '=' || name, ' ' ORDER BY id) FROM analytics.people WHERE NOT _cdc_deleted") ?? "";
}
