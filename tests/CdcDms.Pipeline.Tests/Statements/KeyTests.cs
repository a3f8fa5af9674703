using CdcDms.Pipeline.Catalog;

namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>Keys of every type that PostgreSQL can index; where two spellings are one key to the target, they are one row.</summary>
public sealed class KeyTests(TestServers servers) : MergeFixture(servers)
{
    // An index has at most 32.
    private const int MostColumns = 24;

    private const string Prepare =
        """
        CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE SCHEMA elsewhere; CREATE EXTENSION cube SCHEMA elsewhere;
        CREATE TYPE mood AS ENUM ('fine', 'odd'); CREATE TYPE pair AS (n integer, t text); CREATE DOMAIN price AS numeric CHECK (VALUE > 0);
        CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false); CREATE SCHEMA analytics;
        """;

    /// <summary>Types whose keys are the same in the target exactly when they are the same in a file: two keys as a file has them.</summary>
    private static readonly (string Type, string First, string Second)[] Plain =
    [
        ("smallint", "1::SMALLINT", "(-32768)::SMALLINT"),
        ("integer", "1::INTEGER", "2147483647::INTEGER"),
        ("bigint", "1::BIGINT", "(-9223372036854775808)::BIGINT"),
        ("boolean", "true", "false"),
        ("text", "'ada'", "''"),
        ("varchar(9)", "'ada'", "'Ada'"),
        ("bytea", "'\\x00'::BLOB", "''::BLOB"),
        ("date", "DATE '2026-01-01'", "DATE '0044-03-15 (BC)'"),
        ("timestamp", "TIMESTAMP '2026-01-01 00:00:00.000001'", "TIMESTAMP '2026-01-01 00:00:00'"),
        ("timestamptz", "TIMESTAMP '2026-01-01 00:00:00.000001'", "TIMESTAMP '2026-01-01 00:00:00'"),
        ("time", "TIME '23:59:59.999'", "TIME '00:00:00'"),
    ];

    /// <summary>Types that hold keys equal which differ in a file: two keys as a file has them, and the first one spelt otherwise if it can be.</summary>
    private static readonly (string Type, string First, string Second, string Again)[] Wider =
    [
        ("boolean", "'t'", "'f'", "'true'"),
        ("numeric(12,2)", "1.50::DECIMAL(12,2)", "-0.01::DECIMAL(12,2)", "1.50::DECIMAL(12,2)"),
        ("numeric", "'1.0'", "'NaN'", "'1.00'"),
        ("price", "'1.0'", "'2'", "'1.00'"),
        ("money", "1.5::DECIMAL(38,4)", "0::DECIMAL(38,4)", "1.5::DECIMAL(38,4)"),
        ("real", "'0'::FLOAT", "'NaN'::FLOAT", "'-0'::FLOAT"),
        ("double precision", "'0'::DOUBLE", "'-Infinity'::DOUBLE", "'-0'::DOUBLE"),
        ("char(5)", "'ada'", "''", "'ada  '"),
        ("\"char\"", "'a'", "'b'", "'a'"),
        ("name", "'ada'", "'Ada'", "'ada'"),
        ("citext", "'ada'", "'bob'", "'ADA'"),
        ("text COLLATE nocase", "'ada'", "'bob'", "'ADA'"),
        ("varchar(9) COLLATE nocase", "'ada'", "'bob'", "'Ada'"),
        ("mood", "'fine'", "'odd'", "'fine'"),
        ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"),
        ("timetz", "TIME '23:59:59.999'", "TIME '00:00:00'", "TIME '23:59:59.999'"),
        ("interval", "'1 MONTHS'", "'1 DAYS'", "'30 DAYS'"),
        // Rounded by the target when they are assigned.
        ("timestamp(3)", "TIMESTAMP '2026-01-01 00:00:00.000100'", "TIMESTAMP '2026-01-01 00:00:00.001'", "TIMESTAMP '2025-12-31 23:59:59.999900'"),
        ("timestamptz(0)", "TIMESTAMP '2026-01-01 00:00:00.4'", "TIMESTAMP '2026-01-01 00:00:01'", "TIMESTAMP '2025-12-31 23:59:59.6'"),
        ("time(0)", "TIME '12:00:00.4'", "TIME '12:00:01'", "TIME '11:59:59.6'"),
        ("interval(0)", "'1.4 SECONDS'", "'2 SECONDS'", "'1 SECONDS'"),
        ("numeric(4,1)", "'1.01'", "'1.1'", "'0.99'"),
        ("inet", "'10.0.0.1'", "'10.0.0.1/8'", "'10.0.0.1/32'"),
        ("cidr", "'10.0.0.0/8'", "'10.0.0.0/16'", "'10/8'"),
        ("macaddr", "'08:00:2b:01:02:03'", "'08:00:2b:01:02:04'", "'08002B010203'"),
        ("macaddr8", "'08:00:2b:01:02:03:04:05'", "'08:00:2b:01:02:03:04:06'", "'08002B0102030405'"),
        ("bit(3)", "'101'", "'100'", "'b101'"),
        ("bit varying(3)", "'10'", "''", "'b10'"),
        ("jsonb", "'{\"a\": 1.0}'", "'{}'", "'{\"a\":1}'"),
        ("integer[]", "'{1,2}'", "'{1,NULL}'", "'{ 1, 2 }'"),
        ("citext[]", "'{a}'", "'{b}'", "'{A}'"),
        ("pair", "'(1,a)'", "'(1,)'", "'( 1,a)'"),
        ("int4range", "'[1,3)'", "'empty'", "'[1,2]'"),
        ("numrange", "'[1.0,2)'", "'(,)'", "'[1.00,2)'"),
        ("tstzrange", "'[\"2026-01-01 00:00:00+00\",)'", "'(,)'", "'[\"2026-01-01 01:00:00+01\",)'"),
        ("int4multirange", "'{[1,3)}'", "'{}'", "'{[1,2]}'"),
        ("tsvector", "'''a'' ''b'''", "'''a'''", "'b a'"),
        ("tsquery", "'''a'' & ''b'''", "'''a'''", "'a&b'"),
        ("oid", "'5'", "'4294967295'", "'05'"),
        ("oidvector", "'1 2'", "'1'", "'01 2'"),
        ("tid", "'(0,1)'", "'(0,2)'", "'(0,01)'"),
        ("xid8", "'5'", "'18446744073709551615'", "'05'"),
        ("pg_lsn", "'0/16B3748'", "'0/0'", "'0/016b3748'"),
        ("hstore", "'\"a\"=>\"1\"'", "''", "'a=>1'"),
        ("ltree", "'a.b'", "''", "'a.b'"),
        ("elsewhere.cube", "'(1)'", "'(2)'", "'(1.0)'"),
    ];

    [Fact]
    public async Task Rows_are_changed_deleted_and_inserted_again_by_keys_of_every_type()
    {
        await Analytics.ExecuteAsync(Prepare);

        await TryAsync("plain", [.. Plain.Select(key => (key.Type, key.First, key.Second, key.First))]);
        foreach (var (index, keys) in Wider.Chunk(MostColumns).Index())
        {
            await TryAsync($"wider{index}", keys);
            // One such column makes the merge reduce again; each must by itself. A boolean or uuid needs it only when it comes as text.
            await using var connection = await Analytics.OpenAsync();
            var columns = (await CatalogTable.FindAsync(connection, new TableName("analytics", $"wider{index}"), CancellationToken.None))!.Columns;
            Assert.DoesNotContain(columns, column => column.Name[0] == 'k' && column.EqualityIsOfBytes && column.BaseType is not ("boolean" or "uuid"));
        }

        // Arrays, enums, ranges and records have one operator class for all of their kind.
        Assert.Equal("anyarray, anyenum, anymultirange, anyrange, record", await Analytics.ScalarAsync<string>(
            """
            SELECT string_agg(opcintype::regtype::text, ', ' ORDER BY opcintype::regtype::text) FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod
            WHERE a.amname = 'btree' AND o.opcdefault AND opcintype NOT IN (
                SELECT atttypid FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind = 'r' AND attnum > 0)
            """));
    }

    /// <summary>One table whose key has a column of each type. A type's two rows differ in its column alone.</summary>
    private async Task TryAsync(string name, (string Type, string First, string Second, string Again)[] keys)
    {
        var table = new TableDefinition { Schema = "public", Name = name, Target = $"analytics.{name}" };
        await Analytics.ExecuteAsync(
            $"CREATE TABLE {table.Target} (note text, place integer, {string.Concat(keys.Select((key, index) => $"k{index} {key.Type}, "))}PRIMARY KEY (place, {string.Join(", ", keys.Select((_, index) => $"k{index}"))}))");
        // Each change, for each type: its operation, version and note, and which key the type's column has.
        string changes(params (string Before, Func<(string Type, string First, string Second, string Again), string> Key)[] kinds) => string.Join(" UNION ALL ",
            from kind in kinds
            from place in Enumerable.Range(0, keys.Length)
            select $"SELECT {kind.Before}, {place} AS place, {string.Join(", ", keys.Select((key, index) => $"{(index == place ? kind.Key(key) : key.Second)} AS k{index}"))}");
        async Task mergesAsync(RowCounts each, string left)
        {
            var expected = Enumerable.Repeat(each, keys.Length).Aggregate((one, other) => one + other);
            var rows = await MergeAsync(table);
            var wrong = await Analytics.ScalarAsync<string>(
                $"SELECT string_agg(place || ' has ' || coalesce(notes, 'no row'), ', ') FROM generate_series(0, {keys.Length - 1}) p LEFT JOIN (SELECT place, string_agg(note, '+') AS notes FROM {table.Target} GROUP BY place) t ON place = p WHERE notes IS DISTINCT FROM '{left}'");
            Assert.True(wrong is null, $"{wrong} instead of {left} in {string.Join(", ", keys.Select((key, index) => $"{index} {key.Type}"))}");
            Assert.Equal(expected, rows);
        }

        await Lake.LoadAsync(table, 1, changes(("'a' AS note", key => key.First), ("'b' AS note", key => key.Second)));
        await Lake.CdcAsync(table, changes(
            ("'U' AS op, 5 AS v, 'a 2' AS note", key => key.First), ("'D' AS op, 6 AS v, NULL AS note", key => key.Second), ("'U' AS op, 7 AS v, 'a 3' AS note", key => key.Again)));
        await mergesAsync(new() { Read = 5, Inserted = 2, Updated = 1, Deleted = 1, Superseded = 1 }, "a 3");

        await Lake.CdcAsync(table, changes(
            ("'I' AS op, 8 AS v, 'b 2' AS note", key => key.Second), ("'I' AS op, 6 AS v, 'old' AS note", key => key.First), ("'D' AS op, 9 AS v, NULL AS note", key => key.Again)));
        await mergesAsync(new() { Read = 3, Inserted = 1, Deleted = 1, Superseded = 1 }, "b 2");

        await Lake.CdcAsync(table, changes(("'I' AS op, 8 AS v, 'late' AS note", key => key.First), ("'U' AS op, 8 AS v, 'b 2' AS note", key => key.Second)));
        await mergesAsync(new() { Read = 2, Unchanged = 1, Stale = 1 }, "b 2");
    }

    [Fact]
    public async Task A_composite_key_is_one_key()
    {
        var table = Table("composite", ["b", "a"], ("a", "text"), ("n", "integer"), ("b", "integer"));
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES ('x', 1, 1), ('x', 2, 2), ('y', 3, 1)) t(a, n, b)");
        await Lake.CdcAsync(table, "SELECT * FROM (VALUES ('U', 5, 'x', 20, 2), ('D', 6, 'y', NULL, 1)) t(op, v, a, n, b)");

        await MergeAsync(table);

        Assert.Equal("x1=1 x2=20", await Analytics.ScalarAsync<string>("SELECT string_agg(a || b || '=' || n, ' ' ORDER BY a, b) FROM analytics.composite"));
    }

    [Fact]
    public async Task A_refused_row_is_known_by_its_whole_key()
    {
        await Analytics.ExecuteAsync("CREATE SCHEMA analytics; CREATE TABLE analytics.composite (a text, n integer CHECK (n > 0), b integer, PRIMARY KEY (b, a))");
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
        await Analytics.ExecuteAsync($"{prepare}; CREATE SCHEMA analytics; CREATE TABLE analytics.nocase (k {type} PRIMARY KEY, n integer)");
        var table = Table("nocase", ["k"], ("k", "text"), ("n", "integer"));
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES ('ada', 1), ('bob', 1), ('cyd', 1)) t(k, n)");
        await MergeAsync(table);
        await Lake.CdcAsync(table, "SELECT * FROM (VALUES ('U', 5, 'Ada', 5), ('U', 6, 'ADA', 6), ('D', 7, 'BOB', NULL), ('D', 8, 'Dan', NULL), ('D', 9, 'Cyd', NULL), ('I', 10, 'CYD', 10)) t(op, v, k, n)");
        var rows = await MergeAsync(table);
        await Lake.CdcAsync(table, "SELECT * FROM (VALUES ('I', 3, 'Bob', 3), ('U', 4, 'aDA', 4)) t(op, v, k, n)");

        var late = await MergeAsync(table);

        Assert.Equal("ADA6 CYD10", await Analytics.ScalarAsync<string>("SELECT string_agg(k || n::text, ' ' ORDER BY n) FROM analytics.nocase"));
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
