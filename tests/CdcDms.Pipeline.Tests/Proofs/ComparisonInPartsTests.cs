namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Comparisons of whole tables that take several calls.</summary>
public sealed class ComparisonInPartsTests(TestServers servers) : ComparisonCallsFixture(servers)
{
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
        await UntilAsync(People, "Keys", Small);
        var full = await CallAsync(People, Small, statements: 1);
        Assert.Equal((ComparisonMore.Time, 1), (full.More, full.Proofs.Count));
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
        await UntilAsync(People, "Sums", Small);
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
            await UntilAsync(People, "Sums", Small);
            return await BeganAsync();
        }
    }

    [Fact]
    public async Task A_table_that_is_rewritten_between_each_two_calls_is_given_up()
    {
        await FilledAsync(People);
        await UntilAsync(People, "Sums", Small);
        var fault = (CdcDmsException?)null;
        for (var rewrite = 0; fault is null && rewrite < 3; rewrite++)
        {
            await Source.ExecuteAsync("VACUUM FULL people");
            try
            {
                await CallAsync(People, Small, statements: 1);
                await DueAsync(People);
                await CallAsync(People, Small, statements: 1);
            }
            catch (CdcDmsException given)
            {
                fault = given;
            }
        }

        Assert.Contains("each time, one of them was rewritten or emptied meanwhile", fault?.Message, StringComparison.Ordinal);
        // Nothing tries that again by itself.
        Assert.Equal(ErrorKind.BadData, fault?.Kind);
    }

    [Fact]
    public async Task Where_as_many_proofs_are_open_as_are_kept_the_comparison_waits_for_their_judgement()
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other' WHERE id = 1");
        for (var proof = 0; proof < 100; proof++)
            await AskAsync(People, repairs: false, 2);

        var waiting = await CallAsync(People, Small, statements: 1000);
        Assert.Equal((ComparisonMore.Merges, 0), (waiting.More, waiting.Keys));
        await AllJudgedAsync();
        var (full, _) = await ToTheEndAsync(People, 1000, Small);

        Assert.Equal((1, Rows), (full.Keys, full.Compared.SourceRows));
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
        await UntilAsync(table, "Keys", Small);
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
        await UntilAsync(People, "Keys", Small);
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
}
