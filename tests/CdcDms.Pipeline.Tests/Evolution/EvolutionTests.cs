using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Tests.Evolution;

/// <summary>
/// Files with other columns or types than the target: the target follows where nothing is lost, else the table parks with a sentence.
/// </summary>
public sealed class EvolutionTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly TableDefinition Adding = People with { NewColumns = NewColumnPolicy.Add };
    private static readonly ColumnMapping Id = new() { From = "id", To = "id", Type = "integer" };

    [Fact]
    public async Task A_new_column_is_added_before_its_rows_and_the_table_is_unproven()
    {
        await Lake.ChangeAsync(Adding, 'I', 1, 1, "ada");
        await MergeAsync(Adding);
        await Lake.CdcAsync(
            Adding,
            "SELECT 'I' AS op, 2 AS v, 2 AS id, 'bob' AS name, 3.50::DECIMAL(8,2) AS \"the \"\"price\", true AS is_new");
        await MergeAsync(Adding);
        await Lake.CdcAsync(
            Adding,
            "SELECT 'U' AS op, 3 AS v, 2 AS id, 'bob' AS name, 4.50::DECIMAL(8,2) AS \"the \"\"price\", false AS is_new");
        await MergeAsync(Adding);

        await AssertAnswerAsync<string>(
            "1 ada null, 2 bob 4.50",
            "SELECT string_agg(id || ' ' || name || ' ' || coalesce(\"the \"\"price\"::text, 'null'), ', ' ORDER BY id) "
            + "FROM analytics.people");
        await AssertAnswerAsync<string>(
            "numeric(8,2) boolean",
            "SELECT string_agg(format_type(atttypid, atttypmod), ' ' ORDER BY attnum) FROM pg_attribute "
            + "WHERE attrelid = 'analytics.people'::regclass AND attname IN ('the \"price', 'is_new')");
        Assert.Equal(["is_new", "the \"price"], await AddedAsync());
    }

    [Fact]
    public async Task A_complete_generation_brings_old_rows_the_values_of_a_new_column()
    {
        await Lake.ChangeAsync(Adding, 'I', 1, 1, "ada");
        await Lake.CdcAsync(Adding, "SELECT 'I' AS op, 2 AS v, 2 AS id, 'bob' AS name, 1 AS extra");
        await MergeAsync(Adding);

        Lake.Generation = 2;
        var key = await Lake.LoadAsync(Adding, 1, "SELECT * FROM (VALUES (1, 'ada', 7), (2, 'bob', 8)) t(id, name, extra)");
        await Lake.ManifestAsync(Adding, key);
        await MergeAsync(Adding);

        Assert.Equal(15, await Analytics.ScalarAsync<long>("SELECT sum(extra) FROM analytics.people"));
    }

    [Fact]
    public async Task A_new_column_that_is_ignored_or_left_out_changes_nothing()
    {
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 'x' AS secret");
        await MergeAsync(People);
        await MergeAsync(Adding with { Target = "analytics.other", LeaveOut = ["secret"] });

        await AssertAnswerAsync<long>(
            0,
            "SELECT count(*) FROM pg_attribute WHERE attname = 'secret' "
            + "AND attrelid IN ('analytics.people'::regclass, 'analytics.other'::regclass)");
        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Fact]
    public async Task A_new_column_parks_the_table_when_the_definition_says_so()
    {
        var strict = People with { NewColumns = NewColumnPolicy.Fail };
        await Lake.ChangeAsync(strict, 'I', 1, 1, "ada");
        await MergeAsync(strict);
        var key = await Lake.CdcAsync(strict, "SELECT 'I' AS op, 2 AS v, 2 AS id, 'bob' AS name, 1 AS extra");

        await AssertRefusedAsync(strict, ErrorKind.Parked, key, "have the column extra");

        Assert.Equal("1=ada", await PeopleAsync());
        Assert.Equal(TableState.Parked, (await StatusAsync()).State);

        var decided = strict with { LeaveOut = ["extra"] };
        await AssertRefusedAsync(decided, ErrorKind.Parked, "is parked");
        await new ResumeJob(Analytics.ConnectionString).RunAsync(strict.TargetName, Consent.None, CancellationToken.None);
        await MergeAsync(decided);
        Assert.Equal("1=ada 2=bob", await PeopleAsync());
    }

    [Theory]
    [InlineData("smallint", "2147483647::INTEGER", "integer")]
    [InlineData("integer", "9223372036854775807::BIGINT", "bigint")]
    [InlineData("real", "1e300::DOUBLE", "double precision")]
    [InlineData("numeric(5,2)", "12345.678::DECIMAL(10,3)", "numeric(10,3)")]
    [InlineData("numeric(10,4)", "12345678.25::DECIMAL(10,2)", "numeric(12,4)")]
    [InlineData("numeric", "12345.678::DECIMAL(10,3)", "numeric")]
    [InlineData("bigint", "7::SMALLINT", "bigint")]
    [InlineData("text", "7::SMALLINT", "text")]
    [InlineData("oid", "4294967295::BIGINT", "oid")]
    [InlineData("numeric(5,-2)", "1234::INTEGER", "numeric(10,0)")]
    [InlineData("numeric(30,-2)", "1234::BIGINT", "numeric(32,0)")]
    [InlineData("timestamp(6) with time zone", "DATE '2026-01-02'", "timestamp(6) with time zone")]
    public async Task A_type_is_widened_where_nothing_is_lost(string type, string value, string expected)
    {
        await TargetAsync($"id integer PRIMARY KEY, name {type}");
        await Lake.CdcAsync(Bare, $"SELECT 'I' AS op, 1 AS v, 1 AS id, {value} AS name");

        Assert.Equal(new RowCounts { Read = 1, Inserted = 1 }, await MergeAsync(Bare));

        await AssertAnswerAsync<string>(
            expected,
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'analytics.people'::regclass AND attname = 'name'");
        var inPostgres = value.Replace("::DECIMAL", "::numeric", StringComparison.Ordinal)
            .Replace("::DOUBLE", "::float8", StringComparison.Ordinal);
        await AssertAnswerAsync(true, $"SELECT name::text = {inPostgres}::{expected}::text FROM analytics.people");
    }

    [Theory]
    [InlineData("numeric(10,2)", "12345678901234567890.12::DECIMAL(22,2)", "12345678.1234::DECIMAL(12,4)", "numeric(24,4)")]
    [InlineData("numeric(10,2)", "12345678.1234::DECIMAL(12,4)", "12345678901234567890.12::DECIMAL(22,2)", "numeric(24,4)")]
    [InlineData("smallint", "9223372036854775807::BIGINT", "2147483647::INTEGER", "bigint")]
    [InlineData("smallint", "2147483647::INTEGER", "9223372036854775807::BIGINT", "bigint")]
    public async Task Files_of_one_batch_widen_a_column_together(string type, string first, string second, string expected)
    {
        await TargetAsync($"id integer PRIMARY KEY, name {type}");
        await Lake.CdcAsync(Bare, $"SELECT 'I' AS op, 1 AS v, 1 AS id, {first} AS name");
        await Lake.CdcAsync(Bare, $"SELECT 'I' AS op, 2 AS v, 2 AS id, {second} AS name");

        Assert.Equal(new RowCounts { Read = 2, Inserted = 2 }, await MergeAsync(Bare));

        await AssertAnswerAsync<string>(
            expected,
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'analytics.people'::regclass AND attname = 'name'");
        Assert.Equal(0, await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.quarantine"));
    }

    [Theory]
    [InlineData("9223372036854775807::BIGINT", "1::SMALLINT", "bigint")]
    [InlineData("1::SMALLINT", "9223372036854775807::BIGINT", "bigint")]
    [InlineData("1.5::DECIMAL(4,2)", "12345.678::DECIMAL(8,3)", "numeric(8,3)")]
    [InlineData("TIME '01:02:03'", "'01:02:03+00'::TIMETZ", "time without time zone")]
    public async Task Files_of_one_batch_that_have_a_new_column_in_several_types_get_one_that_holds_all(
        string first, string second, string expected)
    {
        await Lake.CdcAsync(Adding, $"SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, {first} AS extra");
        await Lake.CdcAsync(Adding, $"SELECT 'I' AS op, 2 AS v, 2 AS id, 'bob' AS name, {second} AS extra");

        Assert.Equal(new RowCounts { Read = 2, Inserted = 2 }, await MergeAsync(Adding));

        await AssertAnswerAsync<string>(
            expected,
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
            + "WHERE attrelid = 'analytics.people'::regclass AND attname = 'extra'");
    }

    [Fact]
    public async Task A_key_is_widened_with_its_tombstones()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('D', 2, 2, NULL)");
        await MergeAsync(People);
        await ChangesAsync(People, "('D', 3, 9000000000, NULL)", "('I', 4, 9000000001, 'bob')", "('I', 1, 2, 'old')");

        Assert.Equal(new RowCounts { Read = 3, Inserted = 1, Deleted = 1, Stale = 1 }, await MergeAsync(People));

        Assert.Equal("1=ada 9000000001=bob", await PeopleAsync());
    }

    [Theory]
    [InlineData("date", "TIMESTAMP '2026-01-02 03:04:05'")]
    [InlineData("integer", "1.5::DECIMAL(4,1)")]
    [InlineData("integer", "1.5::DOUBLE")]
    [InlineData("numeric(10,2)", "1.5::DOUBLE")]
    [InlineData("real", "16777217::INTEGER")]
    [InlineData("boolean", "7::INTEGER")]
    [InlineData("oid", "(-1)::INTEGER")]
    [InlineData("oid", "7::SMALLINT")]
    [InlineData("date", "true")]
    [InlineData("money", "1.2345::DECIMAL(10,4)")]
    [InlineData("text", "'\\x00'::BLOB")]
    public async Task A_type_that_would_change_values_parks_the_table(string type, string value)
    {
        await TargetAsync($"id integer PRIMARY KEY, name {type}");
        var key = await Lake.CdcAsync(Bare, $"SELECT 'I' AS op, 1 AS v, 1 AS id, {value} AS name");

        await AssertRefusedAsync(Bare, ErrorKind.Parked, key, "cannot hold unchanged");

        Assert.Equal("", await PeopleAsync());
    }

    [Fact]
    public async Task A_cast_that_the_definition_asks_for_is_done_until_the_files_type_changes()
    {
        var cast = People with { Columns = [Id, new() { From = "moment", To = "name", Type = "date" }] };
        await Lake.CdcAsync(cast, "SELECT 'I' AS op, 1 AS v, 1 AS id, TIMESTAMP '2026-01-02 03:04:05' AS moment");
        await MergeAsync(cast);
        Assert.Equal("1=2026-01-02", await Analytics.ScalarAsync<string>("SELECT id || '=' || name FROM analytics.people"));

        await Lake.CdcAsync(cast, "SELECT 'U' AS op, 2 AS v, 1 AS id, true AS moment");
        await AssertRefusedAsync(cast, ErrorKind.Parked);
    }

    [Fact]
    public async Task A_numeric_of_all_the_digits_that_PostgreSQL_counts_is_not_widened()
    {
        await TargetAsync("id integer PRIMARY KEY, name numeric(1000,0)");
        await Lake.CdcAsync(Bare, "SELECT 'I' AS op, 1 AS v, 1 AS id, 0.5::DECIMAL(38,38) AS name");

        await AssertRefusedAsync(Bare, ErrorKind.Parked, "DECIMAL(38,38)", "change that column's type");
    }

    [Fact]
    public async Task A_column_that_postgres_cannot_widen_parks_the_table_with_its_reason()
    {
        await TargetAsync("id integer PRIMARY KEY, name integer");
        await Analytics.ExecuteAsync("CREATE VIEW analytics.report AS SELECT name FROM analytics.people");
        await Lake.CdcAsync(Bare, "SELECT 'I' AS op, 1 AS v, 1 AS id, 5::BIGINT AS name");

        await AssertRefusedAsync(Bare, ErrorKind.Parked, "view");
    }

    [Theory]
    [InlineData("xmin", "system column")]
    [InlineData("a_name_of_sixty_four_bytes_which_is_one_more_than_PostgreSQL_kee", "63 bytes")]
    [InlineData("ääääääääääääääääääääääääääääääää", "63 bytes")]
    public async Task A_new_column_whose_name_PostgreSQL_cannot_keep_parks_the_table(string name, string sentence)
    {
        var key = await Lake.CdcAsync(Adding, $"SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 7 AS other, 8 AS \"{name}\"");

        await AssertRefusedAsync(Adding, ErrorKind.Parked, key, name, sentence, "leaveOut");

        Assert.Empty(await AddedAsync());
        var mapped = Adding with { Columns = [.. People.Columns!, new() { From = name, To = "short", Type = "integer" }] };
        await new ResumeJob(Analytics.ConnectionString).RunAsync(Adding.TargetName, Consent.None, CancellationToken.None);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ADD COLUMN short integer");
        await MergeAsync(mapped);
        await AssertAnswerAsync(8, "SELECT short FROM analytics.people");
    }

    [Fact]
    public async Task A_table_that_has_as_many_columns_as_PostgreSQL_allows_parks()
    {
        var columns = Enumerable.Range(0, 1595).Select(number => $"c{number} boolean");
        await TargetAsync($"id integer PRIMARY KEY, name text, {string.Join(", ", columns)}");
        await Lake.CdcAsync(Bare, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 1 AS one, 2 AS two");

        await AssertRefusedAsync(Bare, ErrorKind.Parked, "at most 1600 columns");

        Assert.Equal("", await PeopleAsync());
    }

    [Fact]
    public async Task A_renamed_column_and_a_new_one_of_the_old_name_do_not_meet()
    {
        var renamed = Adding with { Columns = [Id, new() { From = "full_name", To = "name", Type = "text" }] };
        await Lake.CdcAsync(renamed, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS full_name");
        await MergeAsync(renamed);
        Assert.Equal("1=ada", await PeopleAsync());
        await Lake.CdcAsync(renamed, "SELECT 'I' AS op, 2 AS v, 2 AS id, 'bob' AS full_name, 'nick' AS name");

        await AssertRefusedAsync(renamed, ErrorKind.Parked, "another column of this name");
        Assert.Equal("1=ada", await PeopleAsync());
    }

    /// <summary>The columns for which the table is unproven.</summary>
    private async Task<IEnumerable<string>> AddedAsync() =>
        (await StatusAsync()).Unproven.Where(unproven => unproven.Cause is UnprovenCause.ColumnAdded)
            .Select(unproven => unproven.Subject).Order(StringComparer.Ordinal);
}
