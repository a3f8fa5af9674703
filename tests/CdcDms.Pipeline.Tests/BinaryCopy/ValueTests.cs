using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Tests.BinaryCopy;

/// <summary>
/// Values of every type that DMS writes (docs/dms-contract.md#postgresql-types) reach the target unchanged; PostgreSQL's own reading of the
/// text is the oracle.
/// </summary>
public sealed class ValueTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly string LongText = new string('a', 300_000) + "🦆 end";

    [Fact]
    public Task Numbers() => ArriveAsync(
        ("(-32768)::SMALLINT", "smallint", "-32768"),
        ("(-2147483648)::INTEGER", "integer", "-2147483648"),
        ("(-9223372036854775808)::BIGINT", "bigint", "-9223372036854775808"),
        ("(-128)::TINYINT", "smallint", "-128"),
        ("255::UTINYINT", "smallint", "255"),
        ("65535::USMALLINT", "integer", "65535"),
        ("4294967295::UINTEGER", "bigint", "4294967295"),
        ("18446744073709551615::UBIGINT", "numeric(20,0)", "18446744073709551615"),
        ("7::INTEGER", "bigint", "7"),
        ("7::BIGINT", "numeric(10,2)", "7.00"));

    [Fact]
    public async Task Decimals_of_every_width()
    {
        string[] texts(int width, int scale)
        {
            var nines = new string('9', width - scale) + (scale > 0 ? "." + new string('9', scale) : "");
            var least = scale > 0 ? "0." + new string('0', scale - 1) + "1" : "1";
            return [nines, "-" + nines, "0", least, "-" + least];
        }

        (int Width, int Scale)[] shapes =
        [
            (1, 0), (4, 0), (4, 1), (4, 4), (9, 0), (9, 3), (9, 9), (15, 2), (18, 0), (18, 7), (18, 18), (28, 6),
            (38, 0), (38, 1), (38, 4), (38, 19), (38, 37), (38, 38),
        ];
        await ArriveAsync([.. shapes.SelectMany(shape => texts(shape.Width, shape.Scale), (shape, text) =>
            ($"'{text}'::DECIMAL({shape.Width},{shape.Scale})", $"numeric({shape.Width},{shape.Scale})", text))]);
    }

    [Fact]
    public Task Decimals_without_declared_scale_and_as_text_and_money() => ArriveAsync(
        ("'0.611111'::DECIMAL(28,6)", "numeric", "0.611111"),
        ("'1e-50'::VARCHAR", "numeric", "1e-50"),
        (
            "'-12345678901234567890123456789012345678901234567890.5'::VARCHAR",
            "numeric(60,3)",
            "-12345678901234567890123456789012345678901234567890.5"),
        ("'NaN'::VARCHAR", "numeric", "NaN"),
        ("'-1234567.8900'::DECIMAL(38,4)", "money", "-1234567.89"));

    [Fact]
    public Task Floats()
    {
        string[] both = ["NaN", "Infinity", "-Infinity", "-0", "0", "0.1"];
        string[] floats = [.. both, "1e-40", "-3.4028235e38"];
        string[] doubles = [.. both, "5e-324", "1.7976931348623157e308"];
        return ArriveAsync(
        [
            .. floats.Select(text => ($"'{text}'::FLOAT", "real", text)),
            .. doubles.Select(text => ($"'{text}'::DOUBLE", "double precision", text)),
        ]);
    }

    [Fact]
    public Task Dates_and_times() => ArriveAsync(
        ("DATE '0001-01-01'", "date", "0001-01-01"),
        ("DATE '4713-01-01 (BC)'", "date", "4713-01-01 BC"),
        ("DATE '9999-12-31'", "date", "9999-12-31"),
        ("DATE '2000-02-29'", "date", "2000-02-29"),
        ("'infinity'::DATE", "date", "infinity"),
        ("'-infinity'::DATE", "date", "-infinity"),
        ("TIMESTAMP '1969-12-31 23:59:59.999999'", "timestamp", "1969-12-31 23:59:59.999999"),
        ("TIMESTAMP '9999-12-31 23:59:59'", "timestamp", "9999-12-31 23:59:59"),
        ("CAST(DATE '4713-01-01 (BC)' AS TIMESTAMP)", "timestamp", "4713-01-01 00:00:00 BC"),
        ("TIMESTAMP '2026-03-29 02:30:00.123456'", "timestamptz", "2026-03-29 02:30:00.123456+00"),
        ("TIMESTAMP_MS '2026-03-29 02:30:00.123'", "timestamptz", "2026-03-29 02:30:00.123+00"),
        ("TIMESTAMP_MS '1901-03-29 02:30:00.123'", "timestamp", "1901-03-29 02:30:00.123"),
        ("TIMESTAMPTZ '2026-03-29 02:30:00.123456+00'", "timestamptz", "2026-03-29 02:30:00.123456+00"),
        ("TIMESTAMPTZ '2026-03-29 02:30:00.123456+00'", "timestamp", "2026-03-29 02:30:00.123456"),
        ("'infinity'::TIMESTAMP", "timestamp", "infinity"),
        ("'-infinity'::TIMESTAMP", "timestamptz", "-infinity"),
        ("TIME '23:59:59.999'", "time", "23:59:59.999"),
        ("TIME '00:00:00'", "time", "00:00:00"),
        ("TIME '12:00:00'", "timetz", "12:00:00+00"));

    [Fact]
    public Task Bytes_and_texts() => ArriveAsync(
        ("''::BLOB", "bytea", ""),
        (@"'\x00\xFF\x5C'::BLOB", "bytea", @"\x00ff5c"),
        ("repeat('ab', 200000)::BLOB", "bytea", new string('x', 0) + string.Concat(Enumerable.Repeat("ab", 200_000))),
        ("''", "text", ""),
        ("''", "varchar(5)", ""),
        ("' a '", "varchar(5)", " a "),
        ("'🦆é\u0301中'", "text", "🦆é\u0301中"),
        ("'\\n \"quoted\" ''single'' ' || chr(10) || chr(13) || chr(9)", "text", "\\n \"quoted\" 'single' \n\r\t"),
        ("repeat('a', 300000) || '🦆 end'", "text", LongText),
        ("'ab'", "char(5)", "ab"),
        ("'AbC'", "citext", "AbC"));

    [Fact]
    public Task Booleans_as_they_come() => ArriveAsync(
        [.. from text in new[] { "true", "t", "1", "false", "f", "0" } select ($"'{text}'", "boolean", text),
         ("true", "boolean", "true"), ("false", "boolean", "false"), ("true", "text", "true")]);

    [Fact]
    public Task Types_that_travel_as_text() => ArriveAsync(
        (
            "'{\"b\": 1,  \"a\": [null, \"\\u00e9\", 1.50, 12345678901234567890.123]}'",
            "json",
            "{\"b\": 1,  \"a\": [null, \"\\u00e9\", 1.50, 12345678901234567890.123]}"),
        (
            "'{\"b\": 1,  \"a\": [null, \"🦆\", 1.50, 12345678901234567890.123]}'",
            "jsonb",
            "{\"b\": 1,  \"a\": [null, \"🦆\", 1.50, 12345678901234567890.123]}"),
        ("'{1,NULL,3}'", "integer[]", "{1,NULL,3}"),
        ("""'{"a,b",NULL,"NULL","","q\"uo\\te","{x}"}'""", "text[]", """{"a,b",NULL,"NULL","","q\"uo\\te","{x}"}"""),
        ("'{{1.50,2},{NULL,4}}'", "numeric[]", "{{1.50,2},{NULL,4}}"),
        ("'[2:3]={a,b}'", "text[]", "[2:3]={a,b}"),
        ("'{}'", "text[]", "{}"),
        ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("'10.1.2.3/8'", "inet", "10.1.2.3/8"),
        ("'2001:db8::/32'", "cidr", "2001:db8::/32"),
        ("'08:00:2b:01:02:03'", "macaddr", "08:00:2b:01:02:03"),
        ("'1 YEAR, 2 MONTHS, 3 DAYS, 4 HOURS, 5 MINUTES, 6 SECONDS'", "interval", "1 year 2 mons 3 days 04:05:06"),
        ("'-1 YEARS, -2 MONTHS, 3 DAYS, -4 HOURS, -5 MINUTES, -6.789 SECONDS'", "interval", "-1 year -2 mons +3 days -04:05:06.789"),
        ("'2 MONTHS'", "interval", "2 mons"),
        ("'odd'", "mood", "odd"),
        ("'[1,10)'", "int4range", "[1,10)"),
        ("'empty'", "numrange", "empty"),
        ("'[\"2026-01-01 00:00:00+00\",)'", "tstzrange", "[\"2026-01-01 00:00:00+00\",)"),
        ("'{[1,3),[5,7)}'", "int4multirange", "{[1,3),[5,7)}"),
        ("'101'", "bit(3)", "101"),
        ("'1'", "bit", "1"),
        ("'10110'", "bit varying(8)", "10110"),
        ("'<a>é</a>plain'", "xml", "<a>é</a>plain"),
        ("'(1.5,-2)'", "point", "(1.5,-2)"),
        ("'''fat'':2 ''rat'':3'", "tsvector", "'fat':2 'rat':3"),
        ("'0/16B3748'", "pg_lsn", "0/16B3748"));

    [Fact]
    public async Task Null_is_not_the_empty_string()
    {
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, ''), (2, NULL)) t(id, name)");
        await ChangesAsync(People, "('U', 1, 1, NULL)", "('U', 2, 2, '')");

        await MergeAsync(People);

        Assert.Equal("1=∅ 2=", await PeopleAsync());
    }

    [Fact]
    public async Task A_zero_byte_in_a_text_is_put_aside_with_a_sentence()
    {
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'a' || chr(0) || 'b'), (2, 'bob')) t(id, name)");

        Assert.Equal(new RowCounts { Read = 2, Inserted = 1, Quarantined = 1 }, await MergeAsync(People));

        var change = Assert.Single(await QuarantineAsync());
        Assert.Contains("a zero byte", change.Error, StringComparison.Ordinal);
        Assert.Contains("a␀b", change.Change, StringComparison.Ordinal);
        Assert.Equal("2=bob", await PeopleAsync());
        await AssertRefusedAsync(
            People with { Target = "analytics.strict", BadRows = BadRowPolicy.Fail }, ErrorKind.BadData, "error 22021");
    }

    [Theory]
    [InlineData("name", "repeat('n', 64)", "repeat('n', 63)")]
    [InlineData("\"char\"", "'no'", "'n'")]
    [InlineData("name[]", "'{a,' || repeat('n', 64) || '}'", "'{ a, \"' || repeat('n', 57) || '\"}'")]
    [InlineData("\"char\"[]", "'{n,no}'", "'{ n }'")]
    public async Task A_value_that_a_type_would_cut_is_put_aside(string type, string tooLong, string fits)
    {
        var cut = People with { Columns = null, Key = null };
        await TargetAsync($"id integer PRIMARY KEY, name {type}");
        var (isArray, shown) = (type.EndsWith("[]", StringComparison.Ordinal), type.StartsWith("name", StringComparison.Ordinal) ? 63 : 1);
        var empty = isArray ? "{}" : "";
        await Lake.LoadAsync(cut, 1, $"SELECT * FROM (VALUES (1, {tooLong}), (2, {fits}), (3, NULL), (4, '{empty}')) t(id, name)");

        Assert.Equal(new RowCounts { Read = 4, Inserted = 3, Quarantined = 1 }, await MergeAsync(cut));

        Assert.Contains($"cut by {type.Trim('"')}", Assert.Single(await QuarantineAsync()).Error, StringComparison.Ordinal);
        await AssertAnswerAsync<string>(
            isArray ? $"2 {(shown == 1 ? 3 : 61)}, 3, 4 2" : $"2 {shown}, 3, 4 0",
            "SELECT string_agg(concat_ws(' ', id, length(name::text)), ', ' ORDER BY id) FROM analytics.people");
    }

    /// <summary>Loads one row with a column per case, changes it once to NULLs and back, and compares each value.</summary>
    private async Task ArriveAsync(params (string DuckDb, string Type, string Text)[] cases)
    {
        await Analytics.ExecuteAsync("CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('fine', 'odd')");
        // The worst settings that a role can have.
        await Analytics.ExecuteAsync(
            $"""
            DO $$ DECLARE s text; BEGIN FOREACH s IN ARRAY array[
                'timezone = ''America/New_York''', 'datestyle = ''SQL, DMY''', 'intervalstyle = ''sql_standard''', 'array_nulls = off',
                'xmloption = document', 'extra_float_digits = -15', 'bytea_output = escape'] LOOP
              EXECUTE format('ALTER DATABASE %I SET %s', current_database(), s); END LOOP; END $$
            """);
        var table = new TableDefinition
        {
            Schema = "public",
            Name = "every",
            Target = "analytics.every",
            Key = ["id"],
            Columns =
            [
                new() { From = "id", To = "id", Type = "integer" },
                .. cases.Select((one, index) => new ColumnMapping { From = $"v{index}", To = $"v{index}", Type = one.Type }),
            ],
        };
        string columns(Func<string, string> value) => string.Concat(cases.Select((one, index) => $", {value(one.DuckDb)} AS v{index}"));
        await Lake.LoadAsync(table, 1, $"SELECT 1 AS id{columns(value => value)}");
        await Lake.CdcAsync(
            table,
            $"SELECT 'I' AS op, 5 AS v, 2 AS id{columns(value => value)} UNION ALL "
            + $"SELECT 'U', 6, 3{columns(value => $"CASE WHEN false THEN {value} END")}");

        await MergeAsync(table);

        await using var connection = await Database.OpenAsync(Analytics.ConnectionString, "analytics", CancellationToken.None);
        var wrong = new List<string>();
        for (var index = 0; index < cases.Length; index++)
        {
            var (duckDb, type, text) = cases[index];
            await using var command = new Npgsql.NpgsqlCommand(
                $"""
                SELECT CAST($1 AS {type})::text, min(v{index}::text) FILTER (WHERE id = 1), min(v{index}::text) FILTER (WHERE id = 2),
                    bool_and(v{index} IS NULL) FILTER (WHERE id = 3) FROM analytics.every
                """,
                connection);
            command.Parameters.Add(new() { Value = text, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Unknown });
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            var (expected, loaded, streamed) = (
                reader.GetString(0),
                reader.IsDBNull(1) ? null : reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetString(2));
            if (loaded != expected || streamed != expected || !reader.GetBoolean(3))
                wrong.Add($"{Short(duckDb)} as {type}: expected {Short(expected)}, loaded {Short(loaded)}, streamed {Short(streamed)}");
        }

        Assert.Empty(wrong);
    }

    private static string? Short(string? text) => text is { Length: > 100 } ? $"{text[..100]}… ({text.Length})" : text;
}
