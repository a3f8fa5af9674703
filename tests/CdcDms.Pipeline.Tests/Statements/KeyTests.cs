using CdcDms.Pipeline.Catalog;

namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>Keys of every type that PostgreSQL can index; where two spellings are one key to the target, they are one row.</summary>
public sealed class KeyTests(TestServers servers) : MergeFixture(servers)
{
    /// <summary>A type of a key, and two keys as a file has them; the first once more, spelt otherwise where that is possible.</summary>
    private sealed record KeyCase(string Type, string First, string Second, string? SpeltOtherwise = null)
    {
        public string Again => SpeltOtherwise ?? First;
    }

    // An index has at most 32.
    private const int MostColumns = 24;

    private const string Prepare =
        """
        CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree;
        CREATE SCHEMA elsewhere; CREATE EXTENSION cube SCHEMA elsewhere;
        CREATE TYPE mood AS ENUM ('fine', 'odd'); CREATE TYPE pair AS (n integer, t text); CREATE DOMAIN price AS numeric CHECK (VALUE > 0);
        CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false); CREATE SCHEMA analytics;
        """;

    /// <summary>Types whose keys are the same in the target exactly when they are the same in a file. Two keys of each.</summary>
    private static readonly KeyCase[] Plain =
    [
        new("smallint", "1::SMALLINT", "(-32768)::SMALLINT"),
        new("integer", "1::INTEGER", "2147483647::INTEGER"),
        new("bigint", "1::BIGINT", "(-9223372036854775808)::BIGINT"),
        new("boolean", "true", "false"),
        new("text", "'ada'", "''"),
        new("varchar(9)", "'ada'", "'Ada'"),
        new("bytea", "'\\x00'::BLOB", "''::BLOB"),
        new("date", "DATE '2026-01-01'", "DATE '0044-03-15 (BC)'"),
        new("timestamp", "TIMESTAMP '2026-01-01 00:00:00.000001'", "TIMESTAMP '2026-01-01 00:00:00'"),
        new("timestamptz", "TIMESTAMP '2026-01-01 00:00:00.000001'", "TIMESTAMP '2026-01-01 00:00:00'"),
        new("time", "TIME '23:59:59.999'", "TIME '00:00:00'"),
    ];

    /// <summary>
    /// Types that hold keys equal which differ in a file: two keys as a file has them, and the first one spelt otherwise if it can be.
    /// </summary>
    private static readonly KeyCase[] Wider =
    [
        new("boolean", "'t'", "'f'", "'true'"),
        new("numeric(12,2)", "1.50::DECIMAL(12,2)", "-0.01::DECIMAL(12,2)", "1.50::DECIMAL(12,2)"),
        new("numeric", "'1.0'", "'NaN'", "'1.00'"),
        new("price", "'1.0'", "'2'", "'1.00'"),
        new("money", "1.5::DECIMAL(38,4)", "0::DECIMAL(38,4)", "1.5::DECIMAL(38,4)"),
        new("real", "'0'::FLOAT", "'NaN'::FLOAT", "'-0'::FLOAT"),
        new("double precision", "'0'::DOUBLE", "'-Infinity'::DOUBLE", "'-0'::DOUBLE"),
        new("char(5)", "'ada'", "''", "'ada  '"),
        new("\"char\"", "'a'", "'b'", "'a'"),
        new("name", "'ada'", "'Ada'", "'ada'"),
        new("citext", "'ada'", "'bob'", "'ADA'"),
        new("text COLLATE nocase", "'ada'", "'bob'", "'ADA'"),
        new("varchar(9) COLLATE nocase", "'ada'", "'bob'", "'Ada'"),
        new("mood", "'fine'", "'odd'", "'fine'"),
        new(
            "uuid",
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'",
            "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"),
        new("timetz", "TIME '23:59:59.999'", "TIME '00:00:00'", "TIME '23:59:59.999'"),
        new("interval", "'1 MONTHS'", "'1 DAYS'", "'30 DAYS'"),
        // Rounded by the target when they are assigned.
        new(
            "timestamp(3)",
            "TIMESTAMP '2026-01-01 00:00:00.000100'",
            "TIMESTAMP '2026-01-01 00:00:00.001'",
            "TIMESTAMP '2025-12-31 23:59:59.999900'"),
        new("timestamptz(0)", "TIMESTAMP '2026-01-01 00:00:00.4'", "TIMESTAMP '2026-01-01 00:00:01'", "TIMESTAMP '2025-12-31 23:59:59.6'"),
        new("time(0)", "TIME '12:00:00.4'", "TIME '12:00:01'", "TIME '11:59:59.6'"),
        new("interval(0)", "'1.4 SECONDS'", "'2 SECONDS'", "'1 SECONDS'"),
        new("numeric(4,1)", "'1.01'", "'1.1'", "'0.99'"),
        new("inet", "'10.0.0.1'", "'10.0.0.1/8'", "'10.0.0.1/32'"),
        new("cidr", "'10.0.0.0/8'", "'10.0.0.0/16'", "'10/8'"),
        new("macaddr", "'08:00:2b:01:02:03'", "'08:00:2b:01:02:04'", "'08002B010203'"),
        new("macaddr8", "'08:00:2b:01:02:03:04:05'", "'08:00:2b:01:02:03:04:06'", "'08002B0102030405'"),
        new("bit(3)", "'101'", "'100'", "'b101'"),
        new("bit varying(3)", "'10'", "''", "'b10'"),
        new("jsonb", "'{\"a\": 1.0}'", "'{}'", "'{\"a\":1}'"),
        new("integer[]", "'{1,2}'", "'{1,NULL}'", "'{ 1, 2 }'"),
        new("citext[]", "'{a}'", "'{b}'", "'{A}'"),
        new("pair", "'(1,a)'", "'(1,)'", "'( 1,a)'"),
        new("int4range", "'[1,3)'", "'empty'", "'[1,2]'"),
        new("numrange", "'[1.0,2)'", "'(,)'", "'[1.00,2)'"),
        new("tstzrange", "'[\"2026-01-01 00:00:00+00\",)'", "'(,)'", "'[\"2026-01-01 01:00:00+01\",)'"),
        new("int4multirange", "'{[1,3)}'", "'{}'", "'{[1,2]}'"),
        new("tsvector", "'''a'' ''b'''", "'''a'''", "'b a'"),
        new("tsquery", "'''a'' & ''b'''", "'''a'''", "'a&b'"),
        new("oid", "'5'", "'4294967295'", "'05'"),
        new("oidvector", "'1 2'", "'1'", "'01 2'"),
        new("tid", "'(0,1)'", "'(0,2)'", "'(0,01)'"),
        new("xid8", "'5'", "'18446744073709551615'", "'05'"),
        new("pg_lsn", "'0/16B3748'", "'0/0'", "'0/016b3748'"),
        new("hstore", "'\"a\"=>\"1\"'", "''", "'a=>1'"),
        new("ltree", "'a.b'", "''", "'a.b'"),
        new("elsewhere.cube", "'(1)'", "'(2)'", "'(1.0)'"),
    ];

    [Fact]
    public async Task Rows_are_changed_deleted_and_inserted_again_by_keys_of_every_type()
    {
        await Analytics.ExecuteAsync(Prepare);

        await TryAsync("plain", Plain);
        foreach (var (index, keys) in Wider.Chunk(MostColumns).Index())
        {
            await TryAsync($"wider{index}", keys);
            // One such column makes the merge reduce again; each must by itself. A boolean or uuid needs it only when it comes as text.
            await using var connection = await Analytics.OpenAsync();
            var name = new TableName("analytics", $"wider{index}");
            var columns = (await CatalogTable.FindAsync(connection, name, CancellationToken.None))!.Columns;
            Assert.DoesNotContain(
                columns,
                column => column.Name[0] == 'k' && column.EqualityIsOfBytes && column.BaseType is not ("boolean" or "uuid"));
        }

        // Arrays, enums, ranges and records have one operator class for all of their kind.
        Assert.Equal("anyarray, anyenum, anymultirange, anyrange, record", await Analytics.ScalarAsync<string>(
            """
            SELECT string_agg(opcintype::regtype::text, ', ' ORDER BY opcintype::regtype::text)
            FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod
            WHERE a.amname = 'btree' AND o.opcdefault AND opcintype NOT IN (
                SELECT atttypid FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
                WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind = 'r' AND attnum > 0)
            """));
    }

    /// <summary>One table whose key has a column of each type. A type's two rows differ in its column alone.</summary>
    private async Task TryAsync(string name, KeyCase[] keys)
    {
        var table = new TableDefinition { Schema = "public", Name = name, Target = $"analytics.{name}" };
        var columns = string.Concat(keys.Select((key, index) => $", k{index} {key.Type}"));
        var names = string.Concat(keys.Select((_, index) => $", k{index}"));
        await Analytics.ExecuteAsync(
            $"CREATE TABLE {table.Target} (note text, place integer{columns}, PRIMARY KEY (place{names}))");

        await Lake.LoadAsync(table, 1, Changes(keys, ("'a' AS note", key => key.First), ("'b' AS note", key => key.Second)));
        await Lake.CdcAsync(table, Changes(
            keys,
            ("'U' AS op, 5 AS v, 'a 2' AS note", key => key.First),
            ("'D' AS op, 6 AS v, NULL AS note", key => key.Second),
            ("'U' AS op, 7 AS v, 'a 3' AS note", key => key.Again)));
        await AssertMergesAsync(table, keys, new() { Read = 5, Inserted = 2, Updated = 1, Deleted = 1, Superseded = 1 }, "a 3");

        await Lake.CdcAsync(table, Changes(
            keys,
            ("'I' AS op, 8 AS v, 'b 2' AS note", key => key.Second),
            ("'I' AS op, 6 AS v, 'old' AS note", key => key.First),
            ("'D' AS op, 9 AS v, NULL AS note", key => key.Again)));
        await AssertMergesAsync(table, keys, new() { Read = 3, Inserted = 1, Deleted = 1, Superseded = 1 }, "b 2");

        await Lake.CdcAsync(table, Changes(
            keys,
            ("'I' AS op, 8 AS v, 'late' AS note", key => key.First),
            ("'U' AS op, 8 AS v, 'b 2' AS note", key => key.Second)));
        await AssertMergesAsync(table, keys, new() { Read = 2, Unchanged = 1, Stale = 1 }, "b 2");
    }

    /// <summary>Each change, for each type: its operation, version and note, and which key the type's column has.</summary>
    private static string Changes(KeyCase[] keys, params (string Before, Func<KeyCase, string> Key)[] kinds) => string.Join(
        " UNION ALL ",
        from kind in kinds
        from place in Enumerable.Range(0, keys.Length)
        let values = keys.Select((key, index) => $", {(index == place ? kind.Key(key) : key.Second)} AS k{index}")
        select $"SELECT {kind.Before}, {place} AS place{string.Concat(values)}");

    /// <summary>A merge does the same to the rows of each type, and leaves one row of each, with this note.</summary>
    private async Task AssertMergesAsync(TableDefinition table, KeyCase[] keys, RowCounts each, string left)
    {
        var expected = Enumerable.Repeat(each, keys.Length).Aggregate((one, other) => one + other);
        var rows = await MergeAsync(table);
        var wrong = await Analytics.ScalarAsync<string>(
            $"""
            SELECT string_agg(place || ' has ' || coalesce(notes, 'no row'), ', ')
            FROM generate_series(0, {keys.Length - 1}) p
            LEFT JOIN (SELECT place, string_agg(note, '+') AS notes FROM {table.Target} GROUP BY place) t ON place = p
            WHERE notes IS DISTINCT FROM '{left}'
            """);
        var types = string.Join(", ", keys.Select((key, index) => $"{index} {key.Type}"));
        Assert.True(wrong is null, $"{wrong} instead of {left} in {types}");
        Assert.Equal(expected, rows);
    }

    [Fact]
    public async Task A_composite_key_is_one_key()
    {
        var table = Table("composite", ["b", "a"], ("a", "text"), ("n", "integer"), ("b", "integer"));
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES ('x', 1, 1), ('x', 2, 2), ('y', 3, 1)) t(a, n, b)");
        await Lake.CdcAsync(table, "SELECT * FROM (VALUES ('U', 5, 'x', 20, 2), ('D', 6, 'y', NULL, 1)) t(op, v, a, n, b)");

        await MergeAsync(table);

        await AssertAnswerAsync<string>("x1=1 x2=20", "SELECT string_agg(a || b || '=' || n, ' ' ORDER BY a, b) FROM analytics.composite");
    }

    [Fact]
    public async Task A_refused_row_is_known_by_its_whole_key()
    {
        await Analytics.ExecuteAsync(
            "CREATE SCHEMA analytics; CREATE TABLE analytics.composite (a text, n integer CHECK (n > 0), b integer, PRIMARY KEY (b, a))");
        var table = Table("composite", ["b", "a"], ("a", "text"), ("n", "integer"), ("b", "integer"));
        await Lake.CdcAsync(table, "SELECT * FROM (VALUES ('I', 1, 'x', -1, 1), ('I', 2, 'x', -2, 2)) t(op, v, a, n, b)");
        Assert.Equal(new RowCounts { Read = 2, Quarantined = 2 }, await MergeAsync(table));

        await Lake.CdcAsync(table, "SELECT 'U' AS op, 3 AS v, 'x' AS a, 10 AS n, 1 AS b");
        await MergeAsync(table);

        Assert.Equal("""{"a": "x", "b": "2", "n": "-2"}""", Assert.Single(await QuarantineAsync()).Change);
    }

    [Theory]
    [InlineData("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}")]
    [InlineData("bigint", "7", "007")]
    public async Task Keys_that_the_target_reads_from_different_texts_are_one_row(string type, string first, string second)
    {
        var table = Table("texts", ["k"], ("k", type), ("n", "integer"));
        await Lake.CdcAsync(table, $"SELECT * FROM (VALUES ('I', 1, '{first}', 1), ('U', 2, '{second}', 2)) t(op, v, k, n)");

        Assert.Equal(new RowCounts { Read = 2, Inserted = 1, Superseded = 1 }, await MergeAsync(table));

        Assert.Equal($"{first}=2", await Analytics.ScalarAsync<string>("SELECT string_agg(k || '=' || n, ' ') FROM analytics.texts"));
    }

    [Theory]
    [InlineData("CREATE EXTENSION citext", "citext")]
    [InlineData("CREATE SCHEMA elsewhere; CREATE EXTENSION citext SCHEMA elsewhere", "elsewhere.citext")]
    [InlineData("CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)", "text COLLATE nocase")]
    public async Task Keys_that_only_the_target_holds_equal_are_one_row(string prepare, string type)
    {
        await Analytics.ExecuteAsync(
            $"{prepare}; CREATE SCHEMA analytics; CREATE TABLE analytics.nocase (k {type} PRIMARY KEY, n integer)");
        var table = Table("nocase", ["k"], ("k", "text"), ("n", "integer"));
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES ('ada', 1), ('bob', 1), ('cyd', 1)) t(k, n)");
        await MergeAsync(table);
        await Lake.CdcAsync(
            table,
            "SELECT * FROM (VALUES ('U', 5, 'Ada', 5), ('U', 6, 'ADA', 6), ('D', 7, 'BOB', NULL), ('D', 8, 'Dan', NULL), ('D', 9, "
            + "'Cyd', NULL), ('I', 10, 'CYD', 10)) t(op, v, k, n)");
        var rows = await MergeAsync(table);
        await Lake.CdcAsync(table, "SELECT * FROM (VALUES ('I', 3, 'Bob', 3), ('U', 4, 'aDA', 4)) t(op, v, k, n)");

        var late = await MergeAsync(table);

        await AssertAnswerAsync<string>("ADA6 CYD10", "SELECT string_agg(k || n::text, ' ' ORDER BY n) FROM analytics.nocase");
        Assert.Equal(new RowCounts { Read = 6, Updated = 2, Deleted = 2, Superseded = 2 }, rows);
        Assert.Equal(new RowCounts { Read = 2, Stale = 2 }, late);
    }

    private static TableDefinition Table(string name, string[] key, params (string Name, string Type)[] columns) => new()
    {
        Schema = "public",
        Name = name,
        Target = $"analytics.{name}",
        Key = key,
        Columns = [.. columns.Select(column => new ColumnMapping { From = column.Name, To = column.Name, Type = column.Type })],
    };
}
