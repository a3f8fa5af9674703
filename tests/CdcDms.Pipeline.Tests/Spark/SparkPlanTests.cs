using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Spark;

namespace CdcDms.Pipeline.Tests.Spark;

/// <summary>Which changes are left to Spark, and that a value of every type comes back as it was.</summary>
public sealed class SparkPlanTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task Values_of_every_type_come_back_as_they_were_whatever_their_columns_are_called()
    {
        const string Values = """
            SELECT 'I' AS op, n AS v, n::INTEGER AS id, true AS "Bool", (-n)::SMALLINT AS small, n::BIGINT << 40 AS "big ""in""t",
                '-0'::FLOAT AS real, 'NaN'::DOUBLE AS double, 'naïve '' ` " \\' AS text, '\x00\xFF'::BLOB AS bytes,
                '-99999999999999999999999999999.123456789'::DECIMAL(38, 9) AS exact, 1.5::DECIMAL(4, 1) AS short,
                DATE '0044-03-15' AS old_day, TIME '23:59:59.999999' AS time, TIME '24:00:00' AS midnight,
                TIMESTAMP '1066-10-14 09:00:00.000001' AS old_time, TIMESTAMPTZ '2026-03-29 01:30:00+00' AS zoned,
                NULL::TIMESTAMP AS nothing
            FROM range(1, 3) t(n)
            """;
        var (direct, sparked) = (Table("direct"), Table("sparked"));
        await Lake.CdcAsync(direct, Values);
        await Lake.CdcAsync(sparked, Values);
        await MergeAsync(direct);

        var (plan, fault) = await SparkedMerge.PlanAsync(Job, Lake, sparked);
        Assert.Null(fault);
        Assert.Null((await SparkedMerge.MergeAsync(Job, sparked, plan!, BatchLimits.Default)).Fault);

        Assert.Equal(await RowsAsync("direct"), await RowsAsync("sparked"));
        Assert.Equal(await TypesAsync("direct"), await TypesAsync("sparked"));
    }

    [Fact]
    public async Task A_time_of_day_in_milliseconds_crosses_as_a_number()
    {
        var milliseconds = CarriedType.Of("TIME", "INT32")!;
        var (key, _) = (await Lake.PutAsync("any", "SELECT TIME '12:34:56.789' AS t, TIME '24:00:00' AS last"), 0);

        Assert.Equal("int", milliseconds.Spark);
        Assert.Equal(
            "45296789 12:34:56.789 86400000 24:00:00",
            await Lake.AskAsync(
                key, $"SELECT concat_ws(' ', {milliseconds.Carry("t")}, {milliseconds.Restore(milliseconds.Carry("t"))}, "
                    + $"{milliseconds.Carry("last")}, {milliseconds.Restore(milliseconds.Carry("last"))}) FROM {{0}}"));
    }

    [Theory]
    [InlineData("TIMESTAMP_NS", "INT64")]
    [InlineData("UUID", "FIXED_LEN_BYTE_ARRAY")]
    [InlineData("INTEGER[]", "INT32")]
    [InlineData("DECIMAL(39,0)", "FIXED_LEN_BYTE_ARRAY")]
    [InlineData("TIMESTAMP", "INT96")]
    [InlineData("UBIGINT", "INT64")]
    public void A_type_that_Spark_would_change_does_not_cross(string type, string stored) => Assert.Null(CarriedType.Of(type, stored));

    [Fact]
    public async Task Too_little_waits_or_a_table_is_left_out_and_nothing_is_said()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");

        foreach (var choice in (SparkChoice[])
            [
                new() { FromBytes = 1 << 20, LongestRunMinutes = 1, LeaveOut = [] },
                new() { FromBytes = 0, LongestRunMinutes = 1, LeaveOut = ["public.people"] },
            ])
        {
            var output = await Job.PlanAsync(People, BatchLimits.Default, CancellationToken.None, choice);
            Assert.Equal((null, null, true), (output.SparkPlan, output.NotForSpark, output.ChangesWait));
        }
    }

    [Fact]
    public async Task While_Spark_runs_other_executions_leave_the_table_to_the_one_that_planned()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        var planning = new MergeJob(Lake.Reader, Analytics.ConnectionString)
        {
            Execution = new MergingExecution("first", TimeSpan.FromMinutes(1)),
        };

        Assert.NotNull((await SparkedMerge.PlanAsync(planning, Lake, People)).Plan);

        Assert.Equal(
            121, Math.Round(await Analytics.ScalarAsync<double>(
                "SELECT extract(epoch FROM ends_at - clock_timestamp())::float8 / 60 FROM cdc.leases")));
    }

    [Fact]
    public async Task What_one_plan_does_not_take_the_next_one_has_and_only_the_bytes_of_its_own_files_count()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await ChangesAsync(People, "('U', 2, 1, 'lovelace')");
        var bytes = await Lake.Reader.ListAsync(Lake.Uri.TablePrefix(People.Source, 1), startAfter: null, CancellationToken.None)
            .Select(file => file.Bytes).SumAsync();
        var choice = new SparkChoice { FromBytes = 0, LongestRunMinutes = 1, LeaveOut = [], MostFiles = 1 };

        var small = await Job.PlanAsync(People, BatchLimits.Default, CancellationToken.None, choice with { FromBytes = bytes });
        var first = await Job.PlanAsync(People, BatchLimits.Default, CancellationToken.None, choice);
        await new SparkStandIn(Lake.Reader).RunAsync(first.SparkPlan!, CancellationToken.None);
        await SparkedMerge.MergeAsync(Job, People, first.SparkPlan!, BatchLimits.Default);
        var between = await PeopleAsync();
        var second = await Job.PlanAsync(People, BatchLimits.Default, CancellationToken.None, choice);

        Assert.Null(small.SparkPlan);
        Assert.Equal((true, "1=ada", false), (first.MoreForSpark, between, second.MoreForSpark));
        Assert.NotNull(second.SparkPlan);
    }

    [Fact]
    public async Task A_full_load_comes_first()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        await ChangesAsync(People, "('U', 1, 1, 'lovelace')");

        Assert.Equal((null, null), await SparkedMerge.PlanAsync(Job, Lake, People));
    }

    [Fact]
    public async Task A_file_that_is_merged_in_part_goes_on_as_it_began()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')");
        await Job.RunAsync(People, BatchLimits.Default with { Rows = 1 }, CancellationToken.None);

        Assert.Equal((null, null), await SparkedMerge.PlanAsync(Job, Lake, People));
        Assert.Equal(1, (await MergeAsync(People)).Read);
    }

    [Fact]
    public async Task What_Spark_cannot_take_is_merged_as_it_is_and_the_reason_told()
    {
        var odd = People with { Name = "people*" };
        await ChangesAsync(odd, "('I', 1, 1, 'ada')");
        await ToldAsync(odd, "patterns");
        await AssertNotForSparkAsync("by time", table => table with { Ordering = ChangeOrdering.Timestamp });
        await AssertNotForSparkAsync("keepOnNull", table => table with { LobUpdates = LobUpdates.KeepOnNull });
        var nested = Table("nested");
        await Lake.CdcAsync(nested, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, [1, 2] AS list");
        await ToldAsync(nested, "list has the type INTEGER[]");
        var broken = Table("broken");
        await Lake.PutBytesAsync(Lake.CdcKey(broken, DateTime.UtcNow, DateTime.UtcNow), "no Parquet at all"u8.ToArray());
        await ToldAsync(broken, "cannot be read");
    }

    private static TableDefinition Table(string name) =>
        People with { Name = name, Target = $"analytics.{name}", NewColumns = NewColumnPolicy.Add };

    private async Task AssertNotForSparkAsync(string words, Func<TableDefinition, TableDefinition> change)
    {
        var table = change(Table($"t{Guid.NewGuid():N}"));
        await ChangesAsync(table, "('I', 1, 1, 'ada')");
        await ToldAsync(table, words);
    }

    private async Task ToldAsync(TableDefinition table, string words)
    {
        var (plan, fault) = await SparkedMerge.PlanAsync(Job, Lake, table);
        Assert.Null(plan);
        Assert.Contains(words, fault, StringComparison.Ordinal);
        Assert.StartsWith($"The changes of {table.Source} are not left to Spark: ", fault, StringComparison.Ordinal);
    }

    private Task<string?> RowsAsync(string table) => Analytics.ScalarAsync<string?>(
        $"SELECT string_agg(t::text, E'\\n' ORDER BY id) FROM (SELECT * FROM analytics.{table}) t");

    private Task<string?> TypesAsync(string table) => Analytics.ScalarAsync<string?>(
        "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attname) FROM pg_attribute "
        + $"WHERE attrelid = 'analytics.{table}'::regclass AND attnum > 0");
}
