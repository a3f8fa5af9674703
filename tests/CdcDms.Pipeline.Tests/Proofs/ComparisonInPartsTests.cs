using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Proofs;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Comparisons of whole tables that take several calls.</summary>
public sealed class ComparisonInPartsTests(TestServers servers) : UnprovenFixture(servers)
{
    private const int Rows = 2000;

    // Seven ranges of a side, and 16 buckets of 125 rows, of which a pass reads four.
    private static readonly ScanLimits Small = FullProof.Limits with { RangeBytes = 1 << 14, Buckets = 16, RowsPerPass = 520 };

    [Theory]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public async Task However_often_it_stops_a_comparison_finds_every_difference_once_and_proves_the_table_when_all_are_repaired(
        int statements)
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync(
            """
            UPDATE analytics.people SET name = 'other' WHERE id % 400 = 1;
            DELETE FROM analytics.people WHERE id % 400 = 2;
            INSERT INTO analytics.people SELECT -i, 'gone', 1e35 + 1 FROM generate_series(1, 5) i
            """);

        var (full, calls) = await ToTheEndAsync(People, statements, Small);

        Assert.Equal((5, 5, 5, 15), (full.Compared.Missing, full.Compared.Extra, full.Compared.Changed, full.Keys));
        Assert.Equal((Rows, Rows), (full.Compared.SourceRows, full.Compared.TargetRows));
        Assert.True(statements < int.MaxValue ? calls > 10 : calls == 1, $"{calls} calls");
        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM cdc.comparisons, cdc.comparison_parts");
        await AssertAnswerAsync<long>(15, "SELECT count(DISTINCT key) FROM cdc.proof_rows");
        await AllJudgedAsync();
        await AssertAnswerAsync(
            $"{Rows} {Rows}", $"SELECT concat_ws(' ', count(*), count(*) FILTER (WHERE name = 'name ' || id)) FROM analytics.people");
        Assert.Equal("", await CausesAsync());
    }

    [Fact]
    public async Task Proofs_that_are_judged_before_a_comparison_ends_prove_the_table_only_at_its_end()
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other' WHERE id % 100 = 1");
        var full = await CallAsync(People, Small, statements: 8);
        while (full.Proofs.Count == 0)
            full = await CallAsync(People, Small, statements: 8);
        Assert.Equal(ComparisonMore.Time, full.More);
        await AllJudgedAsync();
        Assert.NotEqual("", await CausesAsync());

        (full, _) = await ToTheEndAsync(People, statements: 8, Small);
        await AllJudgedAsync();

        Assert.True(full.Proofs.Count > 1);
        Assert.Equal("", await CausesAsync());
        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM analytics.people WHERE name <> 'name ' || id");
    }

    [Theory]
    [InlineData("VACUUM FULL people")]
    [InlineData("DELETE FROM people WHERE id > 1000; VACUUM FULL people")]
    public async Task What_was_read_of_a_table_that_is_rewritten_between_two_calls_is_forgotten(string rewrite)
    {
        await FilledAsync(People);
        Assert.Equal(ComparisonMore.Time, (await CallAsync(People, Small, statements: 7)).More);
        foreach (var statement in rewrite.Split("; "))
            await Source.ExecuteAsync(statement);
        var rows = await Source.ScalarAsync<long>("SELECT count(*) FROM people");

        var (full, _) = await ToTheEndAsync(People, statements: 7, Small);

        Assert.Equal((rows, Rows - rows), (full.Compared.SourceRows, full.Compared.Extra));
    }

    [Fact]
    public async Task A_generation_that_begins_or_a_column_that_is_added_begins_the_comparison_anew()
    {
        await FilledAsync(People);
        var began = await BegunAsync();
        await GenerationBeginsAsync(2);
        var ofGeneration = await BegunAsync();
        await Source.ExecuteAsync("ALTER TABLE people ADD more integer");
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ADD more integer");
        var table = People with { Columns = [.. People.Columns!, new ColumnMapping { From = "more", To = "more" }] };

        await CallAsync(table, Small, statements: 3);

        Assert.True(began < ofGeneration);
        Assert.True(ofGeneration < await BeganAsync());
        Assert.Equal(Rows, (await ToTheEndAsync(table, 100, Small)).Full.Compared.SourceRows);

        async Task<DateTime> BegunAsync()
        {
            await CallAsync(People, Small, statements: 3);
            return await BeganAsync();
        }
    }

    [Fact]
    public async Task What_a_comparison_without_repair_has_found_is_found_again_by_one_that_repairs()
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other' WHERE id = 1");
        var left = 100;
        while (await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.proofs") == 0)
            await JobOf(Small, () => left-- % 3 > 0).AskAllAsync(People, repair: null, CancellationToken.None);

        Assert.Equal(1, (await ToTheEndAsync(People, 1000, Small)).Full.Keys);
        await AllJudgedAsync();

        await AssertAnswerAsync("name 1", "SELECT name FROM analytics.people WHERE id = 1");
    }

    [Fact]
    public async Task A_source_that_was_restored_and_does_not_know_the_marker_is_compared_anew()
    {
        await FilledAsync(People);
        await CallAsync(People, Small, statements: 3);
        var before = await BeganAsync();
        await Source.ExecuteAsync("DELETE FROM cdcdms.settled");

        await CallAsync(People, Small, statements: 3);

        Assert.NotEqual(before, await BeganAsync());
    }

    [Fact]
    public async Task Two_calls_that_compare_one_table_at_once_do_not_mix_what_they_have_read()
    {
        await FilledAsync(People);
        await CallAsync(People, Small, statements: 3);
        var others = 0;
        var slow = JobOf(Small, () =>
        {
            if (others++ == 0)
                CallAsync(People, Small, statements: 3).GetAwaiter().GetResult();
            return false;
        });

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => slow.AskAllAsync(People, new ProofRepair(), CancellationToken.None));

        Assert.Equal(
            (ErrorKind.Conflict, "Another call compares the same table; wait until it has ended, and compare again."),
            (fault.Kind, fault.Message));
        Assert.Equal(Rows, (await ToTheEndAsync(People, 100, Small)).Full.Compared.SourceRows);
    }

    [Theory]
    [InlineData("tries = 3")]
    [InlineData("begun_at = now() - interval '8 days'")]
    public async Task A_comparison_with_which_nobody_can_go_on_is_forgotten(string set)
    {
        await FilledAsync(People);
        await CallAsync(People, Small, statements: 3);
        await Analytics.ExecuteAsync($"UPDATE cdc.comparisons SET {set}");
        var before = await BeganAsync();

        await CallAsync(People, Small, statements: 3);

        Assert.NotEqual(before, await BeganAsync());
        await AssertAnswerAsync("1 0", "SELECT concat_ws(' ', saves, tries) FROM cdc.comparisons");
    }

    [Fact]
    public async Task Where_as_many_proofs_are_open_as_are_kept_the_comparison_waits_for_their_judgement()
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other' WHERE id = 1");
        for (var proof = 0; proof < 100; proof++)
            await AskAsync(People, repairs: false, 2);

        var waiting = await CallAsync(People, Small, statements: 1000);
        Assert.Equal((ComparisonMore.Judgement, 0), (waiting.More, waiting.Keys));
        await AllJudgedAsync();
        var full = await CallAsync(People, Small, statements: 1000);

        Assert.Equal((ComparisonMore.Nothing, 1), (full.More, full.Keys));
        Assert.Equal(Rows, full.Compared.SourceRows);
    }

    [Theory]
    [InlineData(LobUpdates.Trust, false)]
    [InlineData(LobUpdates.KeepOnNull, true)]
    public async Task A_row_that_changes_on_both_sides_before_its_key_is_read_leaves_a_table_unproven_that_keeps_older_values(
        LobUpdates lobs, bool isIncomplete)
    {
        var table = People with { LobUpdates = lobs };
        await FilledAsync(table);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other' WHERE id = 1");
        while (await Analytics.ScalarAsync<string?>("SELECT max(state ->> 'Phase') FROM cdc.comparisons") != "Keys")
            await CallAsync(table, Small, statements: 1);
        await Source.ExecuteAsync("UPDATE people SET name = 'new' WHERE id = 1");
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'newer' WHERE id = 1");

        var (full, _) = await ToTheEndAsync(table, 100, Small);

        Assert.Equal((1, 0), (full.Compared.Changed, full.Keys));
        Assert.Equal(
            isIncomplete ? "1 rows that differ changed while they were compared, and were not read; compare once more." : null,
            full.Incomplete);
        Assert.Equal(isIncomplete, await CausesAsync() != "");
    }

    [Fact]
    public async Task A_row_that_changes_at_the_source_alone_before_its_key_is_read_is_found_in_analytics()
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other' WHERE id = 1");
        while (await Analytics.ScalarAsync<string?>("SELECT max(state ->> 'Phase') FROM cdc.comparisons") != "Keys")
            await CallAsync(People, Small, statements: 1);
        await Source.ExecuteAsync("UPDATE people SET name = 'new' WHERE id = 1");

        Assert.Equal(1, (await ToTheEndAsync(People, 100, Small)).Full.Keys);
    }

    [Fact]
    public async Task Of_more_rows_than_are_read_the_others_are_told()
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other'");

        var (full, _) = await ToTheEndAsync(People, 1000, Small with { ExaminedRows = 100 });

        Assert.Equal((Rows, 500), (full.Compared.Changed, full.Keys));
        Assert.Equal(
            "More than 100 rows differ, and the others were not read; compare once more after the repair, or load the table again.",
            full.Incomplete);
        await AllJudgedAsync();
        Assert.NotEqual("", await CausesAsync());
    }

    private async Task FilledAsync(TableDefinition table)
    {
        const string rows = "SELECT i, 'name ' || i FROM generate_series(1, 2000) i";
        await Source.ExecuteAsync($"INSERT INTO people {rows}");
        await Lake.LoadAsync(table, 1, "SELECT 1 AS id, 'name 1' AS name");
        await MergeAsync(table);
        await Analytics.ExecuteAsync(
            $"INSERT INTO analytics.people (id, name, _cdc_version) SELECT *, 1e35 + 1 FROM ({rows}) r WHERE i > 1");
    }

    private ProofJob JobOf(ScanLimits limits, Func<bool> mayGoOn) =>
        new(Source.ConnectionString, Analytics.ConnectionString, intervalSeconds: 60, settleSeconds: 0)
        {
            Limits = limits,
            MayGoOn = mayGoOn,
        };

    private Task<FullProof> CallAsync(TableDefinition table, ScanLimits limits, int statements)
    {
        var left = statements;
        return JobOf(limits, () => Interlocked.Decrement(ref left) >= 0).AskAllAsync(table, new ProofRepair(), CancellationToken.None);
    }

    private async Task<(FullProof Full, int Calls)> ToTheEndAsync(TableDefinition table, int statements, ScanLimits limits)
    {
        for (var calls = 1; ; calls++)
            if (await CallAsync(table, limits, statements) is { More: ComparisonMore.Nothing } full)
                return (full, calls);
    }

    private Task<DateTime> BeganAsync() => Analytics.ScalarAsync<DateTime>("SELECT begun_at FROM cdc.comparisons");

    // All proofs have the same two markers to the merge, which is all that matters here.
    private async Task AllJudgedAsync()
    {
        await Analytics.ExecuteAsync(
            """
            UPDATE cdc.proofs p SET marker = n.marker, marker_id = n.marker_id, marker_after = n.marker_after,
                marker_after_id = n.marker_after_id, read_at = n.read_at
            FROM (SELECT * FROM cdc.proofs ORDER BY id DESC LIMIT 1) n WHERE p.outcome IS NULL
            """);
        await JudgedAsync(People);
    }
}
