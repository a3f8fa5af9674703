using CdcDms.Contract;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

/// <summary>
/// DMS's types for PostgreSQL's (docs/dms-contract.md#postgresql-types), read by DuckDB's own reader, the same from the snapshot and from
/// the stream.
/// </summary>
public sealed class TypeTests(TestServers servers)
{
    /// <summary>A type, DuckDB's type for it, values as SQL literals, and how they read.</summary>
    private static readonly (string Type, string Parquet, string[] Values, string[] Texts)[] Types =
    [
        ("smallint", "SMALLINT", ["-32768", "32767"], ["-32768", "32767"]),
        ("integer", "INTEGER", ["-2147483648", "2147483647"], ["-2147483648", "2147483647"]),
        ("bigint", "BIGINT", ["-9223372036854775808", "9223372036854775807"], ["-9223372036854775808", "9223372036854775807"]),
        ("numeric(12,2)", "DECIMAL(12,2)", ["-1234567890.12", "0"], ["-1234567890.12", "0.00"]),
        ("numeric(38,0)", "DECIMAL(38,0)", ["99999999999999999999999999999999999999"], ["99999999999999999999999999999999999999"]),
        ("numeric(38,38)", "DECIMAL(38,38)", ["-0.00000000000000000000000000000000000001"], ["-.00000000000000000000000000000000000001"]),
        ("numeric(3,5)", "DECIMAL(5,5)", ["0.00999"], [".00999"]),
        ("numeric(3,-2)", "DECIMAL(5,0)", ["99900"], ["99900"]),
        ("numeric(39,1)", "VARCHAR", ["12345678901234567890123456789012345678.9"], ["12345678901234567890123456789012345678.9"]),
        (
            "numeric",
            "DECIMAL(28,6)",
            ["0.611111104488373", "-1234567890123456789012.5", "1e3"],
            ["0.611111", "-1234567890123456789012.500000", "1000.000000"]),
        ("money", "DECIMAL(38,4)", ["-92233720368547758.08", "1234.5"], ["-92233720368547758.0800", "1234.5000"]),
        ("real", "FLOAT", ["'NaN'", "'-Infinity'", "0.1", "1.4e-45"], ["nan", "-inf", "0.1", "1e-45"]),
        (
            "double precision",
            "DOUBLE",
            ["'NaN'", "'Infinity'", "0.1", "5e-324", "1.7976931348623157e308"],
            ["nan", "inf", "0.1", "5e-324", "1.7976931348623157e+308"]),
        ("boolean", "BOOLEAN", ["true", "false"], ["true", "false"]),
        ("char(5)", "VARCHAR", ["'ab'", "''"], ["ab", ""]),
        ("\"char\"", "VARCHAR", ["'a'"], ["a"]),
        ("varchar(20)", "VARCHAR", ["'ab '", "''"], ["ab ", ""]),
        ("text", "VARCHAR", ["''", @"E'tab\t line\n \\ ''quote'' ünï 日本 😀'"], ["", "tab\t line\n \\ 'quote' ünï 日本 😀"]),
        ("name", "VARCHAR", ["'n'"], ["n"]),
        ("uuid", "VARCHAR", ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"], ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
        ("json", "VARCHAR", ["'{\"b\" :1, \"a\":null}'"], ["{\"b\" :1, \"a\":null}"]),
        ("jsonb", "VARCHAR", ["'{\"b\" :1, \"a\":null}'"], ["{\"a\": null, \"b\": 1}"]),
        ("xml", "VARCHAR", ["'<a>1</a>'"], ["<a>1</a>"]),
        ("bytea", "BLOB", [@"'\x00ff41'", "''"], [@"\x00\xFFA", ""]),
        (
            "date",
            "DATE",
            ["'2024-02-29'", "'infinity'", "'-infinity'", "'0044-03-15 BC'", "'5874897-12-31'"],
            ["2024-02-29", "9999-12-31", "4713-01-01 (BC)", "0044-03-15 (BC)", "5874897-12-31"]),
        (
            "timestamp",
            "TIMESTAMP",
            [
                "'2024-02-29 01:02:03.123456'", "'infinity'", "'-infinity'", "'0044-03-15 01:02:03.5 BC'", "'294246-12-31 23:59:59.999999'",
            ],
            [
                "2024-02-29 01:02:03.123456", "9999-12-31 23:59:59", "4713-01-01 (BC) 00:00:00", "0044-03-15 (BC) 01:02:03.5",
                "294246-12-31 23:59:59.999999",
            ]),
        (
            "timestamptz",
            "TIMESTAMP",
            ["'2024-02-29 01:02:03.123456+05:30'", "'infinity'", "'0044-03-15 01:02:03+05:30 BC'"],
            ["2024-02-28 19:32:03.123456", "9999-12-31 23:59:59", "0044-03-14 (BC) 19:32:03"]),
        ("time", "TIME", ["'23:59:59.999999'", "'24:00:00'", "'00:00:00'"], ["23:59:59.999", "24:00:00", "00:00:00"]),
        ("timetz", "TIME", ["'12:34:56.789999-08:30'"], ["12:34:56.789"]),
        (
            "interval",
            "VARCHAR",
            ["'1 year 2 months 3 days 4 hours 5 minutes 6 seconds'", "'-1 month 3 days -00:00:00.5'", "'0'", "'infinity'"],
            ["1 YEAR, 2 MONTHS, 3 DAYS, 4 HOURS, 5 MINUTES, 6 SECONDS", "-1 MONTHS, 3 DAYS, -0.5 SECONDS", "0 SECONDS", "infinity"]),
        ("int[]", "VARCHAR", ["'{1,NULL,3}'", "'{}'"], ["{1,NULL,3}", "{}"]),
        ("text[]", "VARCHAR", ["'{a,\"b,c\",NULL,\"NULL\"}'"], ["{a,\"b,c\",NULL,\"NULL\"}"]),
        ("interval[]", "VARCHAR", ["ARRAY[interval '1 day']"], ["{P1D}"]),
        ("inet", "VARCHAR", ["'192.168.0.1'", "'10.0.0.0/8'"], ["192.168.0.1", "10.0.0.0/8"]),
        ("cidr", "VARCHAR", ["'10.0.0.0/8'"], ["10.0.0.0/8"]),
        ("macaddr", "VARCHAR", ["'08:00:2b:01:02:03'"], ["08:00:2b:01:02:03"]),
        ("bit(3)", "VARCHAR", ["B'101'"], ["101"]),
        ("int4range", "VARCHAR", ["'[1,5)'"], ["[1,5)"]),
        ("point", "VARCHAR", ["'(1,2.5)'"], ["(1,2.5)"]),
        ("tsvector", "VARCHAR", ["'a:1 b:2'"], ["'a':1 'b':2"]),
        ("oid", "VARCHAR", ["4294967295"], ["4294967295"]),
        ("mood", "VARCHAR", ["'so so'"], ["so so"]),
        ("pair", "VARCHAR", ["ROW(1, 'a b')"], ["(1,\"a b\")"]),
        ("price", "DECIMAL(8,3)", ["12.345"], ["12.345"]),
    ];

    private const string Own =
        "CREATE TYPE mood AS ENUM ('so so'); CREATE TYPE pair AS (n int, t text); CREATE DOMAIN amount AS numeric(8,3); CREATE DOMAIN "
        + "price AS amount CHECK (VALUE > 0);"
        + "ALTER DATABASE {0} SET DateStyle = 'German'; ALTER DATABASE {0} SET TimeZone = 'Asia/Kolkata'; ALTER DATABASE {0} SET "
        + "bytea_output = 'escape'; ALTER DATABASE {0} SET extra_float_digits = -5;";

    [Fact]
    public async Task Every_type_has_DMS_type_and_value_in_the_snapshot_and_in_the_stream()
    {
        await using var test = await CaptureTest.StartAsync(servers, "SELECT 1", "public.t");
        var database = await test.Source.ScalarAsync<string>("SELECT current_database()");
        await test.Source.ExecuteAsync(Own.Replace("{0}", database, StringComparison.Ordinal));
        await test.Source.ExecuteAsync(
            $"CREATE TABLE t (id int PRIMARY KEY, {string.Join(", ", Types.Select((type, index) => $"c{index} {type.Type}"))})");
        // Literals with a local time are read in this session; the capture's must not be.
        var rows = Enumerable.Range(0, Types.Max(type => type.Values.Length) + 1)
            .Select(row => $"({row}, {string.Join(", ", Types.Select(type => Value(type.Type, type.Values, row)))})");
        var insert = string.Concat(rows.Select(row => $"SET TimeZone = 'Asia/Kolkata'; INSERT INTO t VALUES {row};"));
        await test.Source.ExecuteAsync(insert);

        await test.RunAsync();
        await test.RunAsync("UPDATE t SET id = id + 100");

        Assert.Equal(
            [
                "Op|VARCHAR", "cdc_timestamp|VARCHAR", "id|INTEGER", .. Types.Select((type, index) => $"c{index}|{type.Parquet}"),
                "cdc_change_seq|VARCHAR",
            ],
            (await test.ReadAsync("public.t", "DESCRIBE SELECT * FROM {0}", "LOAD"))
                .Select(column => string.Join('|', column.Split('|')[..2])));
        foreach (var ((type, _, _, texts), index) in Types.Select((type, index) => (type, index)))
        {
            var expected = texts.Append("∅").ToArray();
            foreach (var files in new[] { "LOAD", $"/{DateTime.UtcNow.Year}/" })
            {
                var read = await test.ReadAsync("public.t", $"SELECT c{index} FROM {{0}} WHERE Op = 'I' ORDER BY id", files);
                Assert.Equal([type, .. expected], [type, .. read.Take(expected.Length)]);
            }
        }
    }

    private static string Value(string type, string[] values, int row) =>
        row >= values.Length ? "NULL"
        : type == "money" ? $"({values[row]})::numeric"
        : values[row];

    [Fact]
    public async Task Intervals_are_read_back_by_PostgreSQL_as_they_were()
    {
        await using var test = await CaptureTest.StartAsync(servers,
            """
            CREATE TABLE t (id int PRIMARY KEY, i interval);
            INSERT INTO t SELECT n,
              make_interval(
                months => (n * 7919) % 61 - 30, days => (n * 104729) % 41 - 20, secs => ((n * 1299709) % 400001 - 200000) / 7.0)
              * (n % 3 - 1) FROM generate_series(1, 500) n;
            INSERT INTO t VALUES
              (-1, '178000000 years'), (-2, '-178000000 years'), (-3, '1 sec'), (-4, '1 mon 1 min'), (-5, '1 min'), (-6, '-1 us');
            """, "public.t");
        await test.RunAsync();

        var read = await test.ReadAsync("public.t", "SELECT string_agg('(' || id || ', interval ''' || i || ''')', ', ') FROM {0}");

        Assert.Equal(506, await test.Source.ScalarAsync<long>(
            $"SELECT count(*) FROM t JOIN (VALUES {read[0]}) r (id, i) ON r.id = t.id AND r.i::text = t.i::text"));
    }

    [Fact]
    public async Task A_domain_over_an_enum_has_the_enum_s_text()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            """
            CREATE TYPE mood AS ENUM ('sad'); CREATE DOMAIN feeling AS mood; CREATE DOMAIN "My Feeling" AS feeling;
            CREATE TABLE t (id int PRIMARY KEY, m feeling, n "My Feeling", l "My Feeling"[]);
            INSERT INTO t VALUES (1, 'sad', 'sad', '{sad}'), (2, NULL, NULL, NULL)
            """,
            "public.t");
        Assert.Equal(2, (await test.RunAsync()).SnapshotRows);

        await test.RunAsync("UPDATE t SET id = id + 2");

        Assert.Equal(
            ["1|sad|sad|{sad}", "2|∅|∅|∅", "3|sad|sad|{sad}", "4|∅|∅|∅"],
            await test.ReadAsync("public.t", "SELECT id, m, n, l FROM {0} WHERE Op = 'I' ORDER BY id"));
    }

    [Theory]
    [InlineData("numeric", "'NaN'", "DECIMAL(28,6)")]
    [InlineData("numeric", "'Infinity'", "DECIMAL(28,6)")]
    [InlineData("numeric(9,2)", "'NaN'", "DECIMAL(9,2)")]
    [InlineData("numeric", "1e22", "DECIMAL(28,6)")]
    [InlineData("timestamp", "'294276-12-31'", "TIMESTAMP")]
    public async Task A_value_that_DMS_type_cannot_hold_stops_the_capture_naming_table_and_column(
        string type, string literal, string parquet)
    {
        await using var test = await CaptureTest.StartAsync(
            servers, $"CREATE TABLE t (id int PRIMARY KEY, a int, bad {type}); INSERT INTO t VALUES (1, 1, {literal})", "public.t");

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => test.RunAsync());

        Assert.Equal(ErrorKind.BadData, fault.Kind);
        Assert.StartsWith(
            $"Column bad of table public.t has a value that {parquet}, DMS's type for it, cannot hold (",
            fault.Message,
            StringComparison.Ordinal);
    }
}
