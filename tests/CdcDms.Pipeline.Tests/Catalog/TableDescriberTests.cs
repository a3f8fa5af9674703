using System.Text.Json;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Catalog;

public sealed class TableDescriberTests(TestServers servers) : IAsyncLifetime
{
    private TestDatabase _source = null!;

    public async ValueTask InitializeAsync() => _source = await servers.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task Every_column_has_a_type_that_an_analytics_database_knows()
    {
        await _source.ExecuteAsync("""
            CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('fine'); CREATE TYPE pair AS (a integer, b text);
            CREATE DOMAIN code AS varchar(7); CREATE DOMAIN short_code AS code CHECK (length(VALUE) < 5);
            CREATE DOMAIN list AS integer[]; CREATE DOMAIN feeling AS mood;
            CREATE TABLE every (
                id bigint GENERATED ALWAYS AS IDENTITY, n numeric(12,2), free numeric, v varchar(20), c char(3), b bit(4), one bit,
                vb bit varying, t timestamptz(3), i interval, code code, short short_code, list list, feeling feeling, mood mood,
                moods mood[], pair pair, ci citext, cis citext[], ns numeric(5,1)[], grid integer[][], r int4range, "Mixed Case" text,
                "char" "char", made text GENERATED ALWAYS AS ('x') STORED, gone text, PRIMARY KEY ("Mixed Case", id) INCLUDE (v));
            ALTER TABLE every DROP gone
            """);

        var table = Assert.Single(await DescribeAsync());

        Assert.Equal(["Mixed Case", "id"], table.Key);
        Assert.Equal(
            "id bigint, n numeric(12,2), free numeric, v character varying(20), c character(3), b bit(4), one bit(1), "
            + "vb bit varying, t timestamp(3) with time zone, i interval, code character varying(7), short character varying(7), "
            + "list integer[], feeling text, mood text, moods text[], pair text, ci text, cis text[], ns numeric(5,1)[], grid integer[], "
            + "r int4range, Mixed Case text, char \"char\"",
            string.Join(", ", table.Columns!.Select(column => $"{column.From} {column.Type}")));
        Assert.All(table.Columns!, column => Assert.Equal(column.From, column.To));

        // The definition is complete: it survives its file and makes a table.
        var json = JsonSerializer.Serialize<IReadOnlyList<TableDefinition>>([table], ContractJson.Default.IReadOnlyListTableDefinition);
        var read = Assert.Single(ContractJson.ParseTables(json, "tables.json"));
        using var lake = await TestLake.CreateAsync(servers);
        await using var analytics = await servers.CreateDatabaseAsync();
        await new MergeJob(lake.Reader, analytics.ConnectionString).RunAsync(read, 1, CancellationToken.None);
        Assert.Equal(
            string.Join(", ", table.Columns!.Select(column => $"{column.From} {column.Type}")),
            await analytics.ScalarAsync<string>("""
                SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = 'analytics.every'::regclass AND attnum > 0 AND attname !~ '^_cdc'
                """));
    }

    [Fact]
    public async Task A_key_is_what_the_source_logs_of_an_old_row_or_missing()
    {
        await _source.ExecuteAsync("""
            CREATE TABLE a_primary (y integer, x integer, PRIMARY KEY (x, y));
            CREATE TABLE b_identity (id integer NOT NULL, other text, UNIQUE (id));
            ALTER TABLE b_identity REPLICA IDENTITY USING INDEX b_identity_id_key;
            CREATE TABLE c_none (id integer, UNIQUE (id));
            CREATE TABLE d_both (id integer PRIMARY KEY, other integer NOT NULL UNIQUE);
            ALTER TABLE d_both REPLICA IDENTITY USING INDEX d_both_other_key
            """);

        Assert.Equal(["x,y", "id", "", "other"], (await DescribeAsync()).Select(table => string.Join(",", table.Key ?? [])));
    }

    [Fact]
    public async Task Partitioned_tables_are_one_and_tables_of_one_name_have_targets_of_their_own()
    {
        await _source.ExecuteAsync(""""
            CREATE TABLE parts (id integer PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
            CREATE SCHEMA eu; CREATE TABLE eu.orders (id integer PRIMARY KEY); CREATE VIEW eu.seen AS SELECT 1 AS id;
            CREATE SCHEMA "US ""1"""; CREATE TABLE "US ""1""".orders (id integer PRIMARY KEY);
            CREATE TABLE public.awsdms_ddl_audit (id integer);
            CREATE SCHEMA cdc; CREATE TABLE cdc.tables (id integer)
            """");

        var tables = await DescribeAsync();

        Assert.Equal(["\"US \"\"1\"\"\".orders", "eu.orders", "public.parts"], tables.Select(table => table.Source.ToString()));
        Assert.Equal(
            [new("analytics", "US \"1\"_orders"), new("analytics", "eu_orders"), new("analytics", "parts")],
            tables.Select(table => table.TargetName));
        TableDefinitions.Check(tables, "describe");
    }

    [Fact]
    public async Task A_table_that_does_not_exist_is_named_with_those_that_do()
    {
        await _source.ExecuteAsync("CREATE TABLE people (id integer)");

        var (tables, leftOut) = await new TableDescriber(_source.ConnectionString)
            .DescribeAsync([new TableName("public", "People"), new TableName("public", "people")], CancellationToken.None);

        Assert.Equal("public.people", Assert.Single(tables).Source.ToString());
        Assert.Equal("The source database has no table public.People; it has public.people.", Assert.Single(leftOut).Message);
    }

    [Fact]
    public async Task Every_target_has_a_name_of_its_own_that_is_not_cut()
    {
        var (longName, letters) = (new string('l', 62), new string('ä', 30));
        await _source.ExecuteAsync($"""
            CREATE SCHEMA a; CREATE SCHEMA b; CREATE SCHEMA a_b;
            CREATE TABLE a.{longName} (id integer PRIMARY KEY); CREATE TABLE b.{longName} (id integer PRIMARY KEY);
            CREATE TABLE a."{letters}" (id integer PRIMARY KEY); CREATE TABLE a_b."{letters}" (id integer PRIMARY KEY);
            CREATE TABLE a.b_c (id integer PRIMARY KEY); CREATE TABLE a_b.c (id integer PRIMARY KEY);
            CREATE TABLE b.b_c (id integer PRIMARY KEY); CREATE TABLE b.c (id integer PRIMARY KEY);
            CREATE TABLE public.plain (id integer PRIMARY KEY)
            """);

        var tables = await DescribeAsync();

        Assert.Equal(9, TableDefinitions.Judge(tables, "describe").Tables.Count);
        Assert.Equal("analytics.plain", tables.Single(table => table.Name == "plain").Target);
        Assert.Equal("analytics.b_c", tables.Single(table => table is { Schema: "b", Name: "c" }).Target);
        Assert.Matches("^analytics\\.a_b_c_[0-9a-f]{8}$", tables.Single(table => table is { Schema: "a", Name: "b_c" }).Target);
        Assert.Matches("^analytics\\.a_l{52}_[0-9a-f]{8}$", tables.Single(table => table.Schema == "a" && table.Name == longName).Target);
        Assert.Equal(tables.Select(table => table.Target), (await DescribeAsync()).Select(table => table.Target));
    }

    [Fact]
    public async Task Tables_of_an_extension_are_left_out_unless_somebody_names_them()
    {
        await _source.ExecuteAsync("""
            CREATE TABLE own (id integer PRIMARY KEY); CREATE TABLE theirs (id integer PRIMARY KEY);
            CREATE EXTENSION citext; ALTER EXTENSION citext ADD TABLE theirs
            """);
        var describer = new TableDescriber(_source.ConnectionString);

        var (tables, leftOut) = await describer.DescribeAsync([], CancellationToken.None);
        var named = await describer.DescribeAsync([new TableName("public", "theirs")], CancellationToken.None);

        Assert.Equal("public.own", Assert.Single(tables).Source.ToString());
        Assert.StartsWith(
            "Table public.theirs belongs to the extension citext", Assert.Single(leftOut).Message, StringComparison.Ordinal);
        Assert.Equal(("public.theirs", 0), (Assert.Single(named.Tables).Source.ToString(), named.LeftOut.Count));
    }

    private async Task<IReadOnlyList<TableDefinition>> DescribeAsync() =>
        (await new TableDescriber(_source.ConnectionString).DescribeAsync([], CancellationToken.None)).Tables;
}
