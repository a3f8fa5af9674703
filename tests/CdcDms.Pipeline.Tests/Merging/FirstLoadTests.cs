using System.Globalization;
using CdcDms.Pipeline.Merging;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>Rows of a first load are copied into the target itself; where that does not work, they are staged as all others are.</summary>
public sealed class FirstLoadTests(TestServers servers) : MergeFixture(servers)
{
    private const string Straight = "COPY \"analytics\".\"people\"";
    private const string Staging = "COPY pg_temp.cdc_staging";

    [Fact]
    public async Task A_first_load_is_copied_into_the_target_file_after_file()
    {
        await LoadAsync(1, "(1, 'ada'), (2, NULL)");

        await AssertCopiedAsync(new RowCounts { Read = 2, Inserted = 2 }, Straight);

        await LoadAsync(2, "(3, 'cyd')");
        await AssertCopiedAsync(new RowCounts { Read = 1, Inserted = 1 }, Straight);
        Assert.Equal("1=ada 2=∅ 3=cyd", await PeopleAsync());
        await AssertAnswerAsync(true, $"SELECT bool_and(_cdc_version = {TestLake.Version(0)}) FROM analytics.people");
        await AssertAnswerAsync(
            true, "SELECT bool_and(_cdc_committed_at = '2026-01-01 00:00:00+00') FROM analytics.people");
    }

    [Fact]
    public async Task A_row_that_comes_twice_is_staged_and_counted_once()
    {
        await LoadAsync(1, "(1, 'ada'), (2, 'bob'), (1, 'ada')");

        await AssertCopiedAsync(new RowCounts { Read = 3, Inserted = 2, Superseded = 1 }, Straight, Staging);
        Assert.Equal("1=ada 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task A_row_that_is_there_already_stays_as_it_is()
    {
        await LoadAsync(1, "(1, 'ada')");
        await MergeAsync(People);
        await LoadAsync(2, "(1, 'other'), (2, 'bob')");

        await AssertCopiedAsync(new RowCounts { Read = 2, Inserted = 1, Unchanged = 1 }, Straight, Staging);
        Assert.Equal("1=ada 2=bob", await PeopleAsync());
    }

    [Theory]
    [InlineData("id integer PRIMARY KEY, name varchar(3)")]
    [InlineData("id integer PRIMARY KEY, name text CHECK (length(name) < 4)")]
    public async Task A_row_that_the_target_refuses_is_put_aside_alone(string columns)
    {
        await TargetAsync(columns);
        await LoadAsync(1, "(1, 'ada'), (2, 'too long'), (3, 'cyd')");

        await AssertCopiedAsync(new RowCounts { Read = 3, Inserted = 2, Quarantined = 1 }, Straight, Staging, Staging);
        Assert.Equal("1=ada 3=cyd", await PeopleAsync());
    }

    [Fact]
    public async Task A_row_without_its_key_is_put_aside_and_the_others_go_straight()
    {
        await LoadAsync(1, "(1, 'ada'), (NULL, 'bob')");

        await AssertCopiedAsync(new RowCounts { Read = 2, Inserted = 1, Quarantined = 1 }, Straight);
    }

    [Fact]
    public async Task Where_changes_were_merged_before_a_load_is_staged_and_deletes_stay()
    {
        await ChangesAsync(People, "('I', 5, 1, 'newer')", "('D', 6, 2, NULL)");
        await MergeAsync(People);
        await LoadAsync(1, "(1, 'ada'), (2, 'bob'), (3, 'cyd')");

        var (copies, _) = await CopiesAsync();

        Assert.Equal([Staging], copies);
        Assert.Equal("1=newer 3=cyd", await PeopleAsync());
    }

    [Fact]
    public async Task A_target_with_rows_of_somebody_else_is_not_copied_into()
    {
        await TargetAsync("id integer PRIMARY KEY, name text");
        await Analytics.ExecuteAsync("INSERT INTO analytics.people VALUES (9, 'own')");
        await LoadAsync(1, "(1, 'ada')");

        Assert.Equal([Staging], (await CopiesAsync()).Copies);
        Assert.Equal("1=ada 9=own", await PeopleAsync());
    }

    [Fact]
    public async Task Some_keys_of_each_batch_are_noted_for_a_proof()
    {
        await LoadAsync(1, "(1, 'ada'), (2, 'bob')");
        await SampledAsync();
        await LoadAsync(2, "(3, 'cyd')");
        await SampledAsync();

        await AssertAnswerAsync("1 2 3", "SELECT string_agg(key ->> 'id', ' ' ORDER BY key ->> 'id') FROM cdc.sampled_keys");

        async Task SampledAsync()
        {
            await Job.RunAsync(People, BatchLimits.Default with { SampledKeys = 10 }, CancellationToken.None);
            await AssertAnswerAsync(
                0L, "SELECT count(*) FROM (SELECT FROM cdc.sampled_keys GROUP BY key HAVING count(*) > 1) AS noted_twice");
        }
    }

    [Fact]
    public async Task A_batch_that_cannot_go_straight_is_tried_as_often_as_any_other()
    {
        await TargetAsync("id integer PRIMARY KEY, name interval");
        await LoadAsync(1, "(1, '1 day'), (2, 'no time')");

        await AssertCopiedAsync(new RowCounts { Read = 2, Inserted = 1, Quarantined = 1 }, Staging, Staging);
    }

    [Fact]
    public async Task Loads_that_have_each_others_rows_are_merged_one_after_the_other()
    {
        const string theirs = "INSERT INTO analytics.people (id, name, _cdc_version) SELECT {0}, 'theirs', {1}";
        await MergeAsync(People);
        await LoadAsync(1, "(1, 'ada'), (2, 'bob')");
        await using var other = await Analytics.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        // The one that looks for a deadlock first is the one that is ended. It looks once, by when the other must wait for it.
        await Analytics.ExecuteAsync(
            "DO $do$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''5s''', current_database()); END $do$");
        NpgsqlConnection.ClearAllPools();
        await SayAsync("SET LOCAL deadlock_timeout = '1h'");
        await SayAsync(string.Format(CultureInfo.InvariantCulture, theirs, 2, TestLake.Version(0)));

        var merging = CopiesAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await Analytics.ScalarAsync<bool>(
            "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))
            deadline.Token.ThrowIfCancellationRequested();
        await SayAsync(string.Format(CultureInfo.InvariantCulture, theirs, 1, TestLake.Version(0)));
        await transaction.CommitAsync();

        var (copies, rows) = await merging;
        Assert.Equal([Straight, Staging], copies);
        Assert.Equal(new RowCounts { Read = 2, Unchanged = 2 }, rows);

        async Task SayAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, other);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>COPY into the target reads each value as the cast of a staged one does.</summary>
    [Fact]
    public async Task A_value_is_the_same_whether_its_row_is_loaded_or_comes_as_a_change()
    {
        // Types that the definition gives are not widened for the values of the files.
        string[] types =
        [
            "integer", "numeric(6,2)", "timestamp(3)", "time(0)", "varchar(4)", "real", "double precision", "bytea", "date", "boolean",
            "bigint", "smallint", "timestamptz(1)", "numeric", "uuid", "jsonb", "json", "char(5)",
        ];
        var columns = types.Select((type, index) => new ColumnMapping { From = Name(index), To = Name(index), Type = type });
        const string values =
            "1234.565::DECIMAL(9,3) AS a, TIMESTAMP '2026-01-02 03:04:05.678951' AS b, TIME '23:59:59.7' AS c, 'ab  ' AS d, "
            + "0.1::FLOAT AS e, 'NaN'::DOUBLE AS f, '\\x00\\xFF'::BLOB AS g, DATE '1969-12-31' AS h, true AS i, "
            + "(-9223372036854775808)::BIGINT AS j, -1::SMALLINT AS k, TIMESTAMPTZ '1999-12-31 23:59:59.96+00' AS l, "
            + "-0.000012345678901234567890::DECIMAL(38,24) AS m, 'A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11' AS n, "
            + "'{\"b\": 1.50, \"a\": [null, \"ü\"], \"b\": 2}' AS o, ' {\"b\" : 1.50} ' AS p, 'abc   ' AS q";
        var table = People with { Columns = [.. columns] };
        await Lake.LoadAsync(table, 1, $"SELECT 1::INTEGER AS id, {values}");
        var (copies, _) = await CopiesAsync(table);
        await Lake.CdcAsync(table, $"SELECT 'I' AS op, 1 AS v, 2::INTEGER AS id, {values}");
        await MergeAsync(table);

        Assert.Equal([Straight], copies);
        await AssertAnswerAsync(
            1L, "SELECT count(DISTINCT (to_jsonb(t) - 'id' - '_cdc_version' - '_cdc_committed_at')::text || t.p::text) "
                + "FROM analytics.people t");

        static string Name(int index) => index == 0 ? "id" : $"{(char)('a' + index - 1)}";
    }

    [Theory]
    [InlineData("uuid", "{a0eebc999c0b4ef8bb6d6bb9bd380a11}", "0123456789abcdef")]
    [InlineData("jsonb", "7", "{")]
    [InlineData("json", "7", "{")]
    [InlineData("char(3)", "abc", "abcd")]
    public async Task What_the_target_does_not_take_as_it_is_is_read_by_a_cast_and_refused_alone(string type, string read, string refused)
    {
        await TargetAsync($"id integer PRIMARY KEY, name {type}");
        await LoadAsync(1, $"(1, '{read}'), (2, '{refused}')");

        await AssertCopiedAsync(new RowCounts { Read = 2, Inserted = 1, Quarantined = 1 }, Straight, Staging, Staging);
        await AssertAnswerAsync(true, $"SELECT name::text = CAST('{read}' AS {type})::text FROM analytics.people");
    }

    private Task LoadAsync(int number, string rows) =>
        Lake.LoadAsync(People, number, $"SELECT id::INTEGER AS id, name FROM (VALUES {rows}) t(id, name)");

    private async Task AssertCopiedAsync(RowCounts rows, params string[] copies)
    {
        var copied = await CopiesAsync();
        Assert.Equal(copies, copied.Copies);
        Assert.Equal(rows, copied.Rows);
    }

    /// <summary>The next merge: where it copied rows to, and what became of them.</summary>
    private async Task<(List<string> Copies, RowCounts Rows)> CopiesAsync(TableDefinition? table = null)
    {
        using var heard = new HeardStatements(Analytics);
        var rows = await MergeAsync(table ?? People);
        return ([.. heard.Beginnings.Where(said => said.StartsWith("COPY", StringComparison.Ordinal))], rows);
    }
}
