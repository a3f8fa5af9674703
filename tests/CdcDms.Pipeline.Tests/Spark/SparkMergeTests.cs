using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Spark;

/// <summary>What Spark leaves of change files is merged in their place, once, or the files are merged as they are.</summary>
public sealed class SparkMergeTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly BatchLimits OneFile = BatchLimits.Default with { Files = 1 };

    // A last delete and a last image both are left. In a batch together one supersedes the other; in two, each has a fate of its own.
    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 2)]
    public async Task Reduced_changes_give_the_same_table_and_every_change_has_a_fate(bool isFileByFile, int fewestSuperseded)
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('U', 2, 1, 'ada l.')", "('I', 3, 2, 'bob')", "('D', 4, 2, NULL)");
        await ChangesAsync(People, "('U', 5, 1, 'lovelace')", "('I', 6, 3, 'eve')");

        var rows = await SparkedAsync(isFileByFile ? OneFile : BatchLimits.Default);

        Assert.Equal(6, rows.Read);
        Assert.InRange(rows.Superseded, fewestSuperseded, 3);
        Assert.Equal("1=lovelace 3=eve", await PeopleAsync());
        Assert.Equal(0, (await MergeAsync(People)).Read);
        Assert.Equal(6, await Analytics.ScalarAsync<long>("SELECT sum(read)::bigint FROM cdc.batches"));
    }

    [Fact]
    public async Task A_row_with_another_key_leaves_the_old_one_also_where_a_later_change_follows()
    {
        await MovesAsync("('I', 1, 1, 'ada', NULL)", "('U', 2, 2, 'ada', 1)", "('U', 3, 2, 'lovelace', 2)");

        var rows = await SparkedAsync(BatchLimits.Default);

        Assert.Equal((3, 0), (rows.Read, rows.Quarantined));
        Assert.Equal("2=lovelace", await PeopleAsync());
    }

    [Fact]
    public async Task A_soft_delete_keeps_the_last_image()
    {
        var table = People with { Deletes = DeleteMode.Soft };
        await ChangesAsync(table, "('I', 1, 1, 'ada')", "('U', 2, 1, 'lovelace')", "('D', 3, 1, NULL)");

        await SparkedAsync(BatchLimits.Default, table);

        Assert.Equal("1=lovelace", await PeopleAsync());
        Assert.True(await Analytics.ScalarAsync<bool>("SELECT _cdc_delete_version IS NOT NULL FROM analytics.people"));
    }

    [Fact]
    public async Task Files_with_other_columns_are_reduced_by_themselves_and_a_new_column_comes_to_the_target()
    {
        var table = People with { NewColumns = NewColumnPolicy.Add };
        await ChangesAsync(table, "('I', 1, 1, 'ada')", "('U', 2, 1, 'lovelace')");
        await Lake.CdcAsync(table, "SELECT 'U' AS op, 3 AS v, 1 AS id, 'ada' AS name, 1815 AS born");
        await Lake.CdcAsync(table, "SELECT 'U' AS op, 4 AS v, 1 AS id, 1816 AS born");

        var rows = await SparkedAsync(OneFile, table);

        Assert.Equal(4, rows.Read);
        Assert.Equal("ada 1816", await Analytics.ScalarAsync<string>("SELECT name || ' ' || born FROM analytics.people"));
    }

    [Fact]
    public async Task A_row_that_was_deleted_and_made_again_without_a_column_has_nothing_of_what_it_was()
    {
        var table = People with { NewColumns = NewColumnPolicy.Add };
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 1815 AS born");
        await MergeAsync(table);
        await ChangesAsync(table, "('D', 2, 1, NULL)", "('I', 3, 1, 'eve')");

        await SparkedAsync(BatchLimits.Default, table);

        Assert.Equal("eve ∅", await Analytics.ScalarAsync<string>("SELECT name || ' ' || coalesce(born::text, '∅') FROM analytics.people"));
    }

    [Fact]
    public async Task More_rows_for_the_quarantine_than_a_batch_may_have_are_left_to_the_batches()
    {
        await Lake.CdcAsync(People, "SELECT 'I' AS op, if(n = 0, 1, NULL) AS v, n::INTEGER AS id, 'ada' AS name FROM range(0, 1002) t(n)");

        Assert.Contains("refused", await NotSparkedAsync(), StringComparison.Ordinal);
        Assert.Null((await StatusAsync()).ParkedCause);
    }

    [Fact]
    public async Task Files_without_rows_are_merged_with_the_others()
    {
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 0 AS v, 0 AS id, 'nobody' AS name, 1 AS born WHERE false");
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('U', 2, 1, 'lovelace')");

        Assert.Equal(2, (await SparkedAsync(BatchLimits.Default)).Read);
        Assert.Equal("1=lovelace", await PeopleAsync());
        Assert.Equal(2, await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.files WHERE key NOT LIKE '%\\_cdcdms/%'"));
    }

    [Fact]
    public async Task Where_a_value_is_refused_the_change_before_it_counts_and_is_merged_as_it_came()
    {
        await TargetAsync("id integer PRIMARY KEY, name text CHECK (name <> 'bad')");
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('U', 2, 1, 'lovelace')", "('U', 3, 1, 'bad')");

        var fault = await NotSparkedAsync();

        Assert.Contains("the target refuses a value", fault, StringComparison.Ordinal);
        Assert.Equal((3, 1), await MergedAsync());
        Assert.Equal("1=lovelace", await PeopleAsync());
    }

    [Fact]
    public async Task A_row_that_cannot_be_ordered_goes_into_the_quarantine_once()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('U', 2, NULL, 'nobody')", "('U', 3, 1, 'lovelace')");

        var fault = await NotSparkedAsync();

        Assert.Contains("quarantine", fault, StringComparison.Ordinal);
        Assert.Equal((3, 1), await MergedAsync());
        Assert.Single(await QuarantineAsync());
    }

    [Theory]
    [InlineData("lost", "stands for 1 changes, and the files have 3")]
    [InlineData("doubled", "stands for 5 changes, and the files have 3")]
    [InlineData("all", "stands for 0 changes, and the files have 3")]
    [InlineData("torn", "what is left cannot be read")]
    [InlineData("plan", "there is no plan")]
    public async Task Lost_doubled_and_torn_files_of_Spark_are_found_before_anything_is_merged(string harm, string words)
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('U', 2, 1, 'lovelace')", "('I', 3, 2, 'bob')");
        var plan = await PlannedAsync(People);
        var parts = await PartsAsync(plan);
        var larger = await StandsForAsync(parts[0]) == 2 ? parts[0] : parts[1];
        if (harm is "lost" or "all")
            await Lake.DeleteAsync(larger);
        if (harm is "all")
            await Lake.DeleteAsync(parts.First(part => part != larger));
        if (harm is "doubled")
            await Lake.PutBytesAsync(larger.Replace("part-", "part-9", StringComparison.Ordinal), await Lake.BytesAsync(larger));
        if (harm is "torn")
            await Lake.PutBytesAsync(larger, (await Lake.BytesAsync(larger))[..^9]);
        if (harm is "plan")
            await Lake.DeleteAsync(Lake.Uri.KeyOf(plan));

        var (rows, fault) = await SparkedMerge.MergeAsync(Job, People, plan, BatchLimits.Default);

        Assert.Contains(words, fault, StringComparison.Ordinal);
        Assert.Equal(0, rows.Read);
        Assert.Equal((3, 0), await MergedAsync());
        Assert.Equal("1=lovelace 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task Files_that_another_merge_took_meanwhile_are_not_merged_again()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('U', 2, 1, 'lovelace')");
        var plan = await PlannedAsync(People);
        await ChangesAsync(People, "('I', 3, 2, 'bob')");
        await MergeAsync(People, batchBytes: 1);

        var (rows, fault) = await SparkedMerge.MergeAsync(Job, People, plan, BatchLimits.Default);

        Assert.Equal((0, null), (rows.Read, fault));
        Assert.Equal("1=lovelace 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task Where_another_merge_took_some_of_the_files_the_others_are_merged_as_they_are()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await ChangesAsync(People, "('U', 2, 1, 'lovelace')");
        var plan = await PlannedAsync(People);
        await Job.RunAsync(People, OneFile, CancellationToken.None);

        var (rows, fault) = await SparkedMerge.MergeAsync(Job, People, plan, BatchLimits.Default);

        Assert.Equal(0, rows.Read);
        Assert.Contains("another merge has taken 1 of its files", fault, StringComparison.Ordinal);
        Assert.Equal((1, 0), await MergedAsync());
        Assert.Equal("1=lovelace", await PeopleAsync());
    }

    [Fact]
    public async Task Where_another_merge_has_begun_a_file_the_files_are_merged_as_they_are()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')");
        var plan = await PlannedAsync(People);
        await Job.RunAsync(People, BatchLimits.Default with { Rows = 1 }, CancellationToken.None);

        var (_, fault) = await SparkedMerge.MergeAsync(Job, People, plan, BatchLimits.Default);

        Assert.Contains("another merge has begun", fault, StringComparison.Ordinal);
        Assert.Equal((1, 0), await MergedAsync());
        Assert.Equal("1=ada 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task Two_merges_of_one_plan_merge_it_once()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('U', 2, 1, 'lovelace')", "('I', 3, 2, 'bob')");
        var plan = await PlannedAsync(People);

        await Task.WhenAll(
            SparkedMerge.MergeAsync(Job, People, plan, OneFile), SparkedMerge.MergeAsync(Job, People, plan, OneFile));

        Assert.Equal(3, await Analytics.ScalarAsync<long>("SELECT sum(read)::bigint FROM cdc.batches"));
        Assert.Equal(0, (await MergeAsync(People)).Read);
    }

    [Fact]
    public async Task Spark_that_runs_twice_changes_nothing()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('U', 2, 1, 'lovelace')", "('I', 3, 2, 'bob')");
        var plan = await PlannedAsync(People);
        await Job.RunAsync(People, plan, OneFile, CancellationToken.None);
        await new Pipeline.Spark.SparkStandIn(Lake.Reader).RunAsync(plan, CancellationToken.None);

        await SparkedMerge.MergeAsync(Job, People, plan, OneFile);
        await MergeAsync(People);

        Assert.Equal("1=lovelace 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task A_file_that_came_after_the_plan_is_merged_after_it()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        var plan = await PlannedAsync(People);
        await ChangesAsync(People, "('U', 2, 1, 'lovelace')");

        await SparkedMerge.MergeAsync(Job, People, plan, BatchLimits.Default);

        Assert.Equal((1, 0), await MergedAsync());
        Assert.Equal("1=lovelace", await PeopleAsync());
    }

    [Fact]
    public async Task A_plan_names_each_file_by_its_address_and_holds_no_value_of_a_row()
    {
        var file = await ChangesAsync(People, "('I', 1, 17, 'lovelace')");
        var plan = JsonNode.Parse(await Lake.BytesAsync(Lake.Uri.KeyOf(await PlannedAsync(People))))!;

        Assert.Equal($"s3://{Lake.Uri.Bucket}/{file}", (string?)plan["groups"]![0]!["files"]![0]);
        Assert.DoesNotContain("lovelace", plan.ToJsonString(new JsonSerializerOptions()), StringComparison.Ordinal);
    }

    private Task<string> MovesAsync(params string[] rows) => Lake.CdcAsync(
        People, $"SELECT op, v, id, name, old::INTEGER AS \"BI_id\" FROM (VALUES {string.Join(", ", rows)}) t(op, v, id, name, old)");

    private async Task<string> PlannedAsync(TableDefinition table)
    {
        var (plan, fault) = await SparkedMerge.PlanAsync(Job, Lake, table);
        Assert.Null(fault);
        return Assert.IsType<string>(plan);
    }

    private async Task<RowCounts> SparkedAsync(BatchLimits limits, TableDefinition? table = null)
    {
        var (rows, fault) = await SparkedMerge.MergeAsync(Job, table ?? People, await PlannedAsync(table ?? People), limits);
        Assert.Null(fault);
        return rows;
    }

    private async Task<string> NotSparkedAsync()
    {
        var (rows, fault) = await SparkedMerge.MergeAsync(Job, People, await PlannedAsync(People), BatchLimits.Default);
        Assert.Equal(0, rows.Read);
        return Assert.IsType<string>(fault);
    }

    private async Task<(long Read, long Quarantined)> MergedAsync()
    {
        var rows = await MergeAsync(People);
        return (rows.Read, rows.Quarantined);
    }

    private async Task<List<string>> PartsAsync(string plan) => await Lake.Reader
        .ListAsync(Lake.Uri.KeyOf(plan[..(plan.LastIndexOf('/') + 1)]), startAfter: null, CancellationToken.None)
        .Where(found => found.Key.EndsWith(".parquet", StringComparison.Ordinal)).Select(found => found.Key).ToListAsync();

    private async Task<int> StandsForAsync(string part) => int.Parse(
        (await Lake.AskAsync(part, "SELECT sum(stands_for)::VARCHAR FROM {0}"))!, System.Globalization.CultureInfo.InvariantCulture);
}
