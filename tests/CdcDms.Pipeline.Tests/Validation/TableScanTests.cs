using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Validation;

/// <summary>Every row is read once, whatever the table is made of and whatever happens to it; else the comparison says why.</summary>
public sealed class TableScanTests(TestServers servers) : ComparisonFixture(servers)
{
    private static readonly ScanLimits OneBlock = new() { RangeBytes = 1 };

    [Fact]
    public async Task A_partitioned_table_is_read_leaf_by_leaf_block_by_block()
    {
        await Source.ExecuteAsync("""
            CREATE TABLE shop.parts (id integer PRIMARY KEY, a text) PARTITION BY RANGE (id);
            CREATE TABLE shop.low PARTITION OF shop.parts FOR VALUES FROM (0) TO (500);
            CREATE TABLE shop.empty PARTITION OF shop.parts FOR VALUES FROM (-10) TO (0);
            CREATE TABLE shop.high PARTITION OF shop.parts FOR VALUES FROM (500) TO (2000) PARTITION BY LIST (id);
            CREATE TABLE shop.others (gone text, a text, id integer NOT NULL); ALTER TABLE shop.others DROP gone;
            ALTER TABLE shop.high ATTACH PARTITION shop.others DEFAULT
            """);
        await Target.ExecuteAsync("CREATE TABLE analytics.parts (id integer PRIMARY KEY, a text)");
        await BothAsync("INSERT INTO $.parts SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, 1500) i");
        await Target.ExecuteAsync("DELETE FROM analytics.parts WHERE id = 1499; UPDATE analytics.parts SET a = '' WHERE id = 3");

        Assert.Equal(["Changed id=3: a", "Missing id=1499"], await DifferencesAsync(Table("parts"), OneBlock));
        Assert.Equal((1500, 1499), await RowsAsync("parts"));
    }

    [Fact]
    public async Task Large_values_that_are_kept_apart_count_as_bytes_that_a_statement_reads()
    {
        await BothAsync("CREATE TABLE $.papers (id integer PRIMARY KEY, a text); ALTER TABLE $.papers ALTER a SET STORAGE EXTERNAL");
        await BothAsync("INSERT INTO $.papers SELECT i, repeat('a', 10000) FROM generate_series(1, 2000) i");
        await using var connection = await Database.OpenAsync(Source.ConnectionString, "source", CancellationToken.None);
        var table = await CatalogTable.FindAsync(connection, new TableName("shop", "papers"), CancellationToken.None);

        var ranges = await TableRanges.FindAsync(connection, table!, rangeBytes: 4 << 20, CancellationToken.None);

        Assert.InRange(ranges.Ranges.Count, 5, 9);
    }

    [Fact]
    public async Task Rows_of_children_that_inherit_are_left_out_in_every_range()
    {
        await BothAsync("CREATE TABLE $.parent (id integer PRIMARY KEY, a text)");
        await Source.ExecuteAsync(
            "CREATE TABLE shop.child (PRIMARY KEY (id)) INHERITS (shop.parent); INSERT INTO shop.child VALUES (7, 'c')");
        await BothAsync("INSERT INTO $.parent SELECT i, repeat('a', 200) FROM generate_series(1, 300) i");
        await Target.ExecuteAsync("DELETE FROM analytics.parent WHERE id = 300");

        Assert.Equal(["Missing id=300"], await DifferencesAsync(Table("parent"), OneBlock));
        Assert.Equal((300, 299), await RowsAsync("parent"));
    }

    [Theory]
    [InlineData("DELETE FROM shop.low", "VACUUM FULL shop.low", "Extra id=1")]
    [InlineData("TRUNCATE shop.low", "SELECT 1", "Extra id=1")]
    [InlineData("TRUNCATE shop.low", "INSERT INTO shop.low VALUES (1, 'plain')", "")]
    [InlineData("DROP TABLE shop.later", "SELECT 1", "")]
    [InlineData(
        "CREATE TABLE shop.lowest PARTITION OF shop.parts FOR VALUES FROM (-10) TO (0)", "INSERT INTO shop.parts VALUES (-1, 'plain')",
        "Missing id=-1")]
    public async Task A_table_that_is_rewritten_or_emptied_between_two_ranges_is_compared_anew(
        string change, string then, string differences)
    {
        // A cast that waits makes the comparison stand still in the second partition.
        await Source.ExecuteAsync("""
            CREATE TYPE shop.pace AS ENUM ('plain', 'waiting');
            CREATE FUNCTION shop.number(shop.pace) RETURNS integer LANGUAGE plpgsql AS $do$ BEGIN
                IF $1 = 'waiting' THEN PERFORM pg_advisory_xact_lock_shared(4712); END IF; RETURN 1; END $do$;
            CREATE CAST (shop.pace AS integer) WITH FUNCTION shop.number(shop.pace);
            CREATE TABLE shop.parts (id integer PRIMARY KEY, a shop.pace) PARTITION BY RANGE (id);
            CREATE TABLE shop.low PARTITION OF shop.parts FOR VALUES FROM (0) TO (100);
            CREATE TABLE shop.high PARTITION OF shop.parts FOR VALUES FROM (100) TO (200);
            CREATE TABLE shop.later PARTITION OF shop.parts FOR VALUES FROM (200) TO (300);
            INSERT INTO shop.parts VALUES (1, 'plain'), (100, 'waiting')
            """);
        await Target.ExecuteAsync(
            "CREATE TABLE analytics.parts (id integer PRIMARY KEY, a integer); INSERT INTO analytics.parts VALUES (1, 1), (100, 1)");
        await using var holder = await Source.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(4712)", holder, transaction))
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var compared = DifferencesAsync(Table("parts") with
        {
            Columns = [new() { From = "id", To = "id" }, new() { From = "a", To = "a", Type = "integer" }],
        });
        await UntilAsync("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4712 AND NOT granted)");
        await Source.ExecuteAsync(change);
        await Source.ExecuteAsync(then);
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);

        Assert.Equal(differences.Length > 0 ? [differences] : [], await compared);
    }

    [Fact]
    public async Task A_role_that_may_read_the_table_but_not_its_partitions_reads_the_table_as_one()
    {
        await Source.ExecuteAsync("""
            CREATE TABLE shop.parts (id integer PRIMARY KEY, a text) PARTITION BY RANGE (id);
            CREATE TABLE shop.low PARTITION OF shop.parts FOR VALUES FROM (0) TO (500);
            INSERT INTO shop.parts SELECT i, repeat('a', 100) FROM generate_series(1, 400) i
            """);
        await Target.ExecuteAsync("""
            CREATE TABLE analytics.parts (id integer PRIMARY KEY, a text);
            INSERT INTO analytics.parts SELECT i, repeat('a', 100) FROM generate_series(1, 399) i
            """);
        await AsReaderAsync(Source, "shop", "parts", async source =>
        {
            var found = await new Validator(source, Target.ConnectionString) { Limits = OneBlock }.CompareAsync(
                Table("parts"), withValues: false, TestContext.Current.CancellationToken);
            Assert.Equal((400, 399, 1), (found.Result.SourceRows, found.Result.TargetRows, found.Result.Missing));
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rows_that_a_policy_hides_are_an_error_on_either_side(bool atSource)
    {
        await BothAsync("CREATE TABLE $.hidden (id integer PRIMARY KEY); INSERT INTO $.hidden VALUES (1), (2), (3)");
        var (hiding, schema) = atSource ? (Source, "shop") : (Target, "analytics");
        await hiding.ExecuteAsync(
            $"ALTER TABLE {schema}.hidden ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON {schema}.hidden USING (id < 3)");
        await AsReaderAsync(hiding, schema, "hidden", async reader =>
        {
            var validator = atSource ? new Validator(reader, Target.ConnectionString) : new Validator(Source.ConnectionString, reader);
            var fault = await Assert.ThrowsAsync<CdcDmsException>(
                () => validator.CompareAsync(Table("hidden"), withValues: false, TestContext.Current.CancellationToken));

            Assert.Equal(
                "shop.hidden was not compared with analytics.hidden: query would be affected by row-level security policy for table "
                + "\"hidden\"; give the role BYPASSRLS, or the table without FORCE ROW LEVEL SECURITY.",
                fault.Message);
        });
    }

    [Theory]
    [InlineData("CREATE VIEW shop.thing AS SELECT 1 AS id")]
    [InlineData("CREATE MATERIALIZED VIEW shop.thing AS SELECT 1 AS id")]
    [InlineData(
        "CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing; "
        + "CREATE FOREIGN TABLE shop.thing (id integer) SERVER nowhere")]
    public async Task What_is_no_table_is_refused_with_a_sentence(string made)
    {
        await Source.ExecuteAsync(made);
        await Target.ExecuteAsync("CREATE TABLE analytics.thing (id integer PRIMARY KEY)");

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => CompareAsync(Table("thing")));

        Assert.Equal("shop.thing is not a table; name a table.", fault.Message);
        await Source.ExecuteAsync("DROP FOREIGN DATA WRAPPER IF EXISTS nothing CASCADE");
    }

    [Fact]
    public async Task Roles_that_may_only_read_compare_and_a_ledger_stays_as_it_is()
    {
        await BothAsync("CREATE TABLE $.quiet (id integer PRIMARY KEY, a numeric)");
        await Source.ExecuteAsync("INSERT INTO shop.quiet VALUES (1, 1.5)");
        await Target.ExecuteAsync("INSERT INTO analytics.quiet VALUES (1, 1.500000)");
        await using (var connection = await Target.OpenAsync())
            await TableLedger.OpenAsync(connection, new TableName("analytics", "quiet"), TestContext.Current.CancellationToken);
        await Target.ExecuteAsync("""
            UPDATE cdc.tables SET seen_columns = '{"a": "DECIMAL(28,6)"}';
            INSERT INTO cdc.unproven (table_id, cause, subject) SELECT id, 'ColumnAdded', 'a' FROM cdc.tables
            """);
        var (source, target) = (
            await ReadOnlyRole.CreateAsync(Source, "shop"), await ReadOnlyRole.CreateAsync(Target, "analytics", "cdc"));
        try
        {
            var found = await new Validator(source.ConnectionString, target.ConnectionString).CompareAsync(
                Table("quiet"), withValues: false, TestContext.Current.CancellationToken);
            Assert.True(found.Result.Identical);

            await Target.ExecuteAsync("DELETE FROM cdc.schema_version WHERE version = (SELECT max(version) FROM cdc.schema_version)");
            var versions = await Target.ScalarAsync<long>("SELECT count(*) FROM cdc.schema_version");
            var older = await Assert.ThrowsAsync<CdcDmsException>(() => CompareAsync(Table("quiet")));
            Assert.Contains("the next merge of this program's release brings the ledger", older.Message, StringComparison.Ordinal);
            Assert.Equal(versions, await Target.ScalarAsync<long>("SELECT count(*) FROM cdc.schema_version"));
            Assert.Equal("a", await Target.ScalarAsync<string>("SELECT subject FROM cdc.unproven"));
        }
        finally
        {
            await source.DropAsync();
            await target.DropAsync();
        }
    }

    [Fact]
    public async Task Rows_that_were_deleted_softly_are_not_there()
    {
        await BothAsync("CREATE TABLE $.soft (id integer PRIMARY KEY, a text)");
        await BothAsync("INSERT INTO $.soft VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        await Target.ExecuteAsync(
            "ALTER TABLE analytics.soft ADD _cdc_deleted boolean NOT NULL DEFAULT false; UPDATE analytics.soft SET _cdc_deleted = id < 3");
        await Source.ExecuteAsync("DELETE FROM shop.soft WHERE id = 1");

        Assert.Equal(["Missing id=2"], await DifferencesAsync(Table("soft")));
    }

    private async Task<(long Source, long Target)> RowsAsync(string name)
    {
        var found = await CompareAsync(Table(name), OneBlock);
        return (found.Result.SourceRows, found.Result.TargetRows);
    }

    private static async Task AsReaderAsync(TestDatabase database, string schema, string table, Func<string, Task> work)
    {
        var role = $"reader_{Guid.NewGuid():N}";
        await database.ExecuteAsync(
            $"CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA {schema} TO {role}; GRANT SELECT ON {schema}.{table} TO {role}");
        await work(new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Username = role,
            Password = "x",
            Pooling = false,
        }.ConnectionString);
        await database.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }
}
