namespace CdcDms.Pipeline.Tests.Targets;

/// <summary>What a target table may have, and what is refused.</summary>
public sealed class TargetTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_missing_target_is_made_from_the_definition()
    {
        var table = People with
        {
            Key = ["id", "at"],
            Columns =
            [
                new() { From = "name", To = "called", Type = "character varying(20)" },
                new() { From = "at", To = "at", Type = "timestamp(3) with time zone" },
                new() { From = "id", To = "id", Type = "bigint" },
                new() { From = "price", To = "price", Type = "numeric(12,2)" },
                new() { From = "tags", To = "tags", Type = "text[]" },
            ],
        };

        await MergeAsync(table);

        Assert.Equal(
            "called character varying(20), at timestamp(3) with time zone, id bigint, price numeric(12,2), tags text[], "
            + "_cdc_version numeric(38,0), _cdc_committed_at timestamp with time zone",
            await Analytics.ScalarAsync<string>(
                "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute "
                + "WHERE attrelid = 'analytics.people'::regclass AND attnum > 0"));
        await AssertAnswerAsync<string>(
            "PRIMARY KEY (id, at)",
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'analytics.people'::regclass AND contype = 'p'");
    }

    [Fact]
    public async Task An_existing_target_gets_the_columns_it_lacks_and_rows_that_the_lake_knows_the_values_of_the_lake()
    {
        await TargetAsync("id integer PRIMARY KEY, name text, own text DEFAULT 'mine'");
        await Analytics.ExecuteAsync("INSERT INTO analytics.people VALUES (1, 'old'), (2, 'old'), (4, 'old')");
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'loaded'), (3, 'loaded')) t(id, name)");
        await Lake.ChangeAsync(People, 'U', 5, 2, "changed");

        await MergeAsync(Bare);

        Assert.Equal("1=loaded 2=changed 3=loaded 4=old", await PeopleAsync());
        await AssertAnswerAsync<string>(
            "mine0, mine5, mine0, mine0",
            "SELECT string_agg(own || mod(_cdc_version, 1e35), ', ' ORDER BY id) FROM analytics.people");
        await AssertAnswerAsync<DateTime>(
            new DateTime(2026, 1, 2, 3, 4, 5, 678, 901, DateTimeKind.Utc),
            "SELECT _cdc_committed_at FROM analytics.people WHERE id = 2");
    }

    [Theory]
    [InlineData("varchar(3)", "'four'", "too long for type character varying(3)")]
    [InlineData("char(3)", "'four'", "too long for type character(3)")]
    [InlineData("bit(3)", "'1010'", "does not match type bit(3)")]
    [InlineData("numeric(5,2)", "1000", "numeric field overflow")]
    [InlineData("money", "10000000000000000000000::DECIMAL(38,4)", "out of range")]
    [InlineData("uuid", "'not one'", "invalid input syntax for type uuid")]
    public async Task A_value_that_does_not_fit_is_put_aside_and_never_cut(string type, string value, string sentence)
    {
        await TargetAsync($"id integer PRIMARY KEY, name {type}");
        await Lake.CdcAsync(People, $"SELECT 'I' AS op, 1 AS v, 1 AS id, {value} AS name");

        Assert.Equal(new RowCounts { Read = 1, Quarantined = 1 }, await MergeAsync(Bare));

        Assert.Contains(sentence, Assert.Single(await QuarantineAsync()).Error, StringComparison.Ordinal);
        Assert.Equal(0, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.people"));
    }

    [Theory]
    [InlineData("timestamp(3)", "TIMESTAMP '2026-01-01 00:00:00.000600'", "2026-01-01 00:00:00.001")]
    [InlineData("timestamptz(0)", "TIMESTAMP '2026-01-01 00:00:00.4'", "2026-01-01 00:00:00+00")]
    [InlineData("time(0)", "TIME '12:00:00.6'", "12:00:01")]
    [InlineData("interval(0)", "'1.6 SECONDS'", "00:00:02")]
    [InlineData("numeric(5,2)", "'1.005'", "1.01")]
    public async Task Digits_beyond_the_columns_own_are_rounded_as_PostgreSQL_rounds(string type, string value, string stored)
    {
        await TargetAsync($"id integer PRIMARY KEY, name {type}");
        await Lake.CdcAsync(People, $"SELECT 'I' AS op, 1 AS v, 1 AS id, {value} AS name");

        Assert.Equal(new RowCounts { Read = 1, Inserted = 1 }, await MergeAsync(Bare));

        Assert.True(await Analytics.ScalarAsync<bool>($"SELECT name::text = '{stored}'::{type}::text FROM analytics.people"));
    }

    [Fact]
    public async Task An_identity_column_takes_the_values_of_the_source()
    {
        await TargetAsync("id integer PRIMARY KEY, name integer GENERATED ALWAYS AS IDENTITY");
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 1 AS v, 1 AS id, 5 AS name");
        await MergeAsync(Bare);
        await Lake.CdcAsync(People, "SELECT 'U' AS op, 2 AS v, 1 AS id, 6 AS name");

        Assert.Equal(new RowCounts { Read = 1, Updated = 1 }, await MergeAsync(Bare));

        Assert.Equal("1=6", await Analytics.ScalarAsync<string>("SELECT id || '=' || name FROM analytics.people"));
    }

    [Fact]
    public async Task Generated_columns_are_skipped_and_identity_columns_written()
    {
        await TargetAsync(
            "id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, loud text GENERATED ALWAYS AS (upper(name)) STORED");
        await Lake.LoadAsync(People, 1, "SELECT 7 AS id, 'ada' AS name, 'wrong' AS loud");
        await Lake.CdcAsync(People, "SELECT 'U' AS op, 5 AS v, 7 AS id, 'bob' AS name, 'wrong' AS loud");

        await MergeAsync(Bare);

        Assert.Equal("7BOB", await Analytics.ScalarAsync<string>("SELECT id || loud FROM analytics.people"));
    }

    [Theory]
    [InlineData("id integer PRIMARY KEY, name text REFERENCES analytics.other", "", "the foreign key people_name_fkey")]
    [InlineData(
        "id integer PRIMARY KEY, name text",
        "CREATE TABLE analytics.child (id integer REFERENCES analytics.people)",
        "the foreign key child_id_fkey")]
    [InlineData("id integer PRIMARY KEY, name text, EXCLUDE (name WITH =)", "", "the exclusion constraint people_name_excl")]
    [InlineData(
        "id integer PRIMARY KEY, name text",
        "CREATE TRIGGER \"t 1\" BEFORE UPDATE ON analytics.people FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "the trigger \"t 1\"")]
    [InlineData("id integer PRIMARY KEY, name text UNIQUE", "", "the unique index people_name_key")]
    [InlineData("id integer PRIMARY KEY, name text", "CREATE UNIQUE INDEX loud ON analytics.people (upper(name))", "the unique index loud")]
    [InlineData(
        "id integer PRIMARY KEY, name text",
        "CREATE UNIQUE INDEX part ON analytics.people (name) WHERE id > 5",
        "the unique index part")]
    [InlineData(
        "id integer PRIMARY KEY, name text", "CREATE RULE stay AS ON DELETE TO analytics.people DO INSTEAD NOTHING", "the rule stay")]
    [InlineData(
        "id integer PRIMARY KEY, name text", "CREATE TABLE analytics.child () INHERITS (analytics.people)", "child table analytics.child")]
    [InlineData("id integer PRIMARY KEY, name text, UNIQUE (id) DEFERRABLE", "", "the unique index people_id_key")]
    [InlineData("id integer PRIMARY KEY, name text", "ALTER TABLE analytics.people SET UNLOGGED", "the property UNLOGGED")]
    [InlineData(
        "id text PRIMARY KEY, name text",
        "CREATE UNIQUE INDEX strict ON analytics.people (id COLLATE analytics.caseless)",
        "the unique index strict")]
    [InlineData(
        "id text COLLATE analytics.caseless, name text",
        "CREATE UNIQUE INDEX ON analytics.people (id COLLATE \"C\")",
        "no primary key or unique index on exactly (id)")]
    [InlineData("id integer, name text", "CREATE INDEX ON analytics.people (id)", "no primary key or unique index on exactly (id)")]
    [InlineData("id integer, name text, UNIQUE (id) DEFERRABLE", "", "no primary key or unique index on exactly (id)")]
    [InlineData("id integer, name text, PRIMARY KEY (id, name)", "", "no primary key or unique index on exactly (id)")]
    [InlineData("id integer GENERATED ALWAYS AS (1) STORED PRIMARY KEY, name text", "", "key column id is computed")]
    [InlineData("id integer PRIMARY KEY", "", "no column name")]
    public async Task A_target_that_merging_could_break_on_is_refused(string columns, string more, string sentence)
    {
        await TargetAsync(
            columns,
            "CREATE TABLE analytics.other (name text PRIMARY KEY); CREATE COLLATION analytics.caseless "
            + "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
        if (more.Length > 0)
            await Analytics.ExecuteAsync(more);
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");

        await AssertRefusedAsync(People, ErrorKind.BadDefinition, sentence);

        Assert.Equal(0, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.people"));
    }

    [Fact]
    public async Task A_unique_index_over_the_key_and_more_is_harmless()
    {
        await TargetAsync("id integer PRIMARY KEY, name text, UNIQUE (id, name)");
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");

        await MergeAsync(Bare);

        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Fact]
    public async Task A_partitioned_target_is_merged_like_any_other()
    {
        await TargetAsync("name text, dropped text, id integer PRIMARY KEY) PARTITION BY RANGE (id");
        await Analytics.ExecuteAsync(
            """
            CREATE TABLE analytics.low (id integer NOT NULL, name text, dropped text);
            ALTER TABLE analytics.people ATTACH PARTITION analytics.low FOR VALUES FROM (0) TO (10);
            ALTER TABLE analytics.people DROP COLUMN dropped;
            CREATE TABLE analytics.high PARTITION OF analytics.people FOR VALUES FROM (10) TO (20)
            """);
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'a'), (11, 'b'), (2, 'c'), (12, 'd')) t(id, name)");
        await ChangesAsync(People, "('U', 5, 1, 'a 2')", "('D', 6, 11, NULL)", "('I', 7, 3, 'e')", "('U', 8, 12, 'd 2')");

        var rows = await MergeAsync(Bare);

        Assert.Equal("1=a 2 2=c 3=e 12=d 2", await PeopleAsync());
        Assert.Equal(new RowCounts { Read = 8, Inserted = 5, Updated = 2, Deleted = 1 }, rows);
    }

    [Theory]
    [InlineData("text); DROP SCHEMA cdc CASCADE; --")]
    [InlineData("text DEFAULT (SELECT 1)")]
    [InlineData("text, extra text")]
    [InlineData("text COLLATE \"C\"")]
    [InlineData("text NOT NULL")]
    [InlineData("numeric(10,2)); --")]
    [InlineData("no_such_type")]
    [InlineData("\"text")]
    [InlineData("")]
    [InlineData("serial")]
    [InlineData("pg_class.relname%TYPE")]
    [InlineData("SETOF text")]
    [InlineData("varchar(10) collate \"C\"")]
    [InlineData("geometry(Point,4326)")]
    public async Task A_text_that_is_no_type_is_refused(string type)
    {
        var typed = People with { Columns = [People.Columns![0], new() { From = "name", To = "name", Type = type }] };

        await AssertRefusedAsync(
            typed, ErrorKind.BadDefinition, type.Split(['(', ')'])[0], "which the definition gives to public.people.name");

        Assert.True(await Analytics.ScalarAsync<bool>("SELECT to_regclass('analytics.people') IS NULL"));
    }

    [Fact]
    public async Task A_type_has_every_modifier_that_PostgreSQL_reads_and_what_cannot_be_read_is_told_apart_from_what_is_not_there()
    {
        string[] types =
            ["int[3][3]", "numeric(5,-2)", "numeric ( 12, 2 )[]", "interval day to second(3)", "time(3)", "char(2)[]", "varchar(7) []"];
        var typed = People with
        {
            Columns =
            [
                .. People.Columns!,
                .. types.Index().Select(type => new ColumnMapping { From = $"t{type.Index}", To = $"t{type.Index}", Type = type.Item }),
            ],
        };
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(typed);

        Assert.Equal(
            "integer[], numeric(5,-2), numeric(12,2)[], interval(3), time(3) without time zone, character(2)[], character varying(7)[]",
            await Analytics.ScalarAsync<string>(
                "SELECT string_agg(format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute "
                + "WHERE attrelid = 'analytics.people'::regclass AND attname ~ '^t[0-9]'"));
        var other = typed with { Target = "analytics.other" };
        await AssertRefusedAsync(WithType("geometry(Point,4326)"), ErrorKind.BadDefinition, "has no type 'geometry'");
        await AssertRefusedAsync(WithType("varchar(10) collate \"C\""), ErrorKind.BadDefinition, "cannot be read: write it as a name");

        TableDefinition WithType(string type) =>
            other with { Columns = [.. People.Columns!, new() { From = "t", To = "t", Type = type }] };
    }

    [Fact]
    public async Task A_target_that_was_dropped_is_made_anew_from_the_whole_lake()
    {
        await Lake.ChangeAsync(People, 'I', 5, 1, "ada");
        await Lake.ManifestAsync(People, await Lake.LoadAsync(People, 1, "SELECT 2 AS id, 'bob' AS name"));
        await MergeAsync(People);
        await Analytics.ExecuteAsync("DROP TABLE analytics.people");

        var rows = await MergeAsync(People);

        Assert.Equal("1=ada 2=bob", await PeopleAsync());
        Assert.Equal(2, rows.Inserted);
    }
}
