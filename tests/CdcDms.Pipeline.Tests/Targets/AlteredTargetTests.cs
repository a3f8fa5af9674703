namespace CdcDms.Pipeline.Tests.Targets;

/// <summary>Targets that somebody has altered, or made by hand.</summary>
public sealed class AlteredTargetTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("integer", "bigint", "5000000000")]
    [InlineData("varchar(3)", "text", "'more than three'")]
    [InlineData("integer", "text", "'five'")]
    public async Task Deletes_are_remembered_by_the_type_that_somebody_has_given_to_the_key(string before, string after, string id)
    {
        await TargetAsync($"id {before} PRIMARY KEY, name text");
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('D', 5, 2, NULL)");
        await MergeAsync(Bare);
        await Analytics.ExecuteAsync($"ALTER TABLE analytics.people ALTER id TYPE {after}");
        await ChangesAsync(People, $"('I', 3, {id}, 'bob')", $"('I', 3, {id}, 'bob')");
        await MergeAsync(Bare);
        await ChangesAsync(People, $"('D', 4, {id}, NULL)");
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 4 AS v, '2' AS id, 'older than its delete' AS name");

        await MergeAsync(Bare);

        Assert.Equal("1=ada", await PeopleAsync());
        Assert.Empty(await QuarantineAsync());
    }

    [Theory]
    [InlineData("('D', 20, 'abc', NULL)")]
    [InlineData("('D', 19, '1', NULL), ('D', 20, '01', NULL)")]
    public async Task Deletes_whose_keys_the_new_type_cannot_keep_apart_stop_nothing_and_what_is_older_than_they_waits(string deletes)
    {
        await TargetAsync("id text PRIMARY KEY, name text");
        await ChangesAsync(Bare, "('I', 1, '7', 'ada')", deletes);
        await MergeAsync(Bare);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ALTER id TYPE integer USING id::integer");
        await ChangesAsync(Bare, "('I', 30, '2', 'bob')", "('I', 18, '1', 'perhaps deleted since')");
        await MergeAsync(Bare);

        Assert.Equal("2=bob 7=ada", await PeopleAsync());
        Assert.Equal("late", Assert.Single(await QuarantineAsync()).Reason);
        // And again, now that nothing is different.
        await ChangesAsync(Bare, "('D', 40, '2', NULL)");
        await MergeAsync(Bare);
        Assert.Equal("7=ada", await PeopleAsync());
    }

    [Fact]
    public async Task A_quarantined_change_whose_key_the_new_type_cannot_read_stops_nothing()
    {
        await TargetAsync("id text PRIMARY KEY, name varchar(5)");
        await ChangesAsync(Bare, "('I', 1, '1', 'ada')", "('I', 2, 'abc', 'too long')", "('I', 2, '3', 'too long')");
        await MergeAsync(Bare);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ALTER id TYPE integer USING id::integer");
        await ChangesAsync(Bare, "('I', 3, '2', 'bob')", "('U', 3, '3', 'cyd')");
        await MergeAsync(Bare);

        Assert.Equal("1=ada 2=bob 3=cyd", await PeopleAsync());
        Assert.Contains("abc", Assert.Single(await QuarantineAsync()).Change, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_with_another_key_than_before_is_told_and_nothing_is_merged()
    {
        await TargetAsync("id integer PRIMARY KEY, name text");
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(Bare);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people DROP CONSTRAINT people_pkey, ADD PRIMARY KEY (id, name)");
        await ChangesAsync(People, "('I', 3, 2, 'bob')");

        await AssertRefusedAsync(Bare, ErrorKind.BadDefinition, "another key than before (name is of one of them only)");
    }

    [Theory]
    [InlineData("numeric(35,0)")]
    [InlineData("bigint NOT NULL DEFAULT 0")]
    public async Task A_version_column_that_cannot_hold_each_version_is_refused(string version)
    {
        await TargetAsync($"id integer PRIMARY KEY, name text, _cdc_version {version}, _cdc_committed_at timestamptz");
        await Analytics.ExecuteAsync("INSERT INTO analytics.people (id, name) VALUES (1, 'ada')");
        await ChangesAsync(People, "('D', 3, 1, NULL)");

        await AssertRefusedAsync(Bare, ErrorKind.BadDefinition, "_cdc_version is not numeric(38,0) NOT NULL");

        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Fact]
    public async Task A_target_of_as_many_columns_as_a_definition_may_have_is_merged_also_with_a_refused_row()
    {
        const int most = 1594;
        var names = Enumerable.Range(2, most - 1).Select(number => $"n{number}").ToList();
        var wide = People with
        {
            Columns = [People.Columns![0], .. names.Select(name => new ColumnMapping { From = name, To = name, Type = "smallint" })],
        };
        await PutAsync(1, "1::SMALLINT");
        await PutAsync(2, "'x'");

        Assert.Equal(new RowCounts { Read = 2, Inserted = 1, Quarantined = 1 }, await MergeAsync(wide));

        Task PutAsync(int id, string value) => Lake.CdcAsync(
            wide, $"SELECT 'I' AS op, 1 AS v, {id} AS id, {string.Join(", ", names.Select(name => $"{value} AS {name}"))}");
    }

    [Fact]
    public async Task A_database_that_quotes_the_names_of_types_is_no_other()
    {
        await TargetAsync("id integer PRIMARY KEY, name date, short name");
        await Analytics.ExecuteAsync(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET quote_all_identifiers = on', current_database()); END $$");
        await Lake.CdcAsync(
            Bare, "SELECT 'I' AS op, 1 AS v, n AS id, DATE '2026-01-01' AS name, repeat('x', 60 * n) AS short FROM range(1, 3) t(n)");

        Assert.Equal(new RowCounts { Read = 2, Inserted = 1, Quarantined = 1 }, await MergeAsync(Bare));

        Assert.Equal("1=2026-01-01", await PeopleAsync());
    }
}
