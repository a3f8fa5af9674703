using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Columns that come: old rows lack their values, and nobody tells.</summary>
public sealed class UnprovenColumnTests(TestServers servers) : UnprovenFixture(servers)
{
    private static readonly TableDefinition Adding = People with { NewColumns = NewColumnPolicy.Add };

    [Fact]
    public async Task A_column_that_somebody_gave_the_target_before_the_files_had_it_is_one_that_was_added()
    {
        await ProvenAsync(Adding);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ADD extra integer");
        await Source.ExecuteAsync("ALTER TABLE people ADD extra integer DEFAULT 7");
        await Lake.CdcAsync(Adding, "SELECT 'U' AS op, 5 AS v, 1 AS id, 'ada' AS name, 7 AS extra");
        await MergeAsync(Adding);

        Assert.Equal("ColumnAdded extra", await CausesAsync());
        await AskAllAsync(Adding);
        await JudgedAsync(Adding);
        Assert.Equal("", await CausesAsync());
        await AssertAnswerAsync<long>(14, "SELECT sum(extra) FROM analytics.people");
    }

    [Theory]
    [InlineData(", 8 AS extra")]
    [InlineData("")]
    public async Task A_column_that_was_left_out_for_a_time_is_one_that_was_added(string meanwhile)
    {
        await ProvenWithExtraAsync();

        await ChangeAsync(Adding with { LeaveOut = ["extra"] }, 6, meanwhile);
        Assert.Equal("", await CausesAsync());
        await ChangeAsync(Adding, 7, ", 7 AS extra");
        Assert.Equal("ColumnAdded extra", await CausesAsync());
        await AskAllAsync(Adding);
        await JudgedAsync(Adding);
        await ChangeAsync(Adding, 8, ", 7 AS extra");
        Assert.Equal("", await CausesAsync());
    }

    [Fact]
    public async Task A_column_that_the_definition_did_not_take_for_a_time_is_one_that_was_added()
    {
        await ProvenWithExtraAsync();

        // People lists its columns, so that others are ignored.
        await ChangeAsync(People, 6, ", 8 AS extra");
        await ChangeAsync(Adding, 7, ", 7 AS extra");
        Assert.Equal("ColumnAdded extra", await CausesAsync());
        await AssertAnswerAsync(0, "SELECT cardinality(absent_columns) FROM cdc.tables WHERE target_name = 'people'");
    }

    [Fact]
    public async Task A_column_that_the_target_has_lost_is_added_once()
    {
        await ProvenAsync(Adding);
        await Source.ExecuteAsync("ALTER TABLE people ADD extra integer DEFAULT 7");
        await Lake.CdcAsync(Adding, "SELECT 'U' AS op, 5 AS v, 1 AS id, 'ada' AS name, 7 AS extra");
        await MergeAsync(Adding);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people DROP extra");
        await Lake.CdcAsync(Adding, "SELECT 'U' AS op, 6 AS v, 1 AS id, 'ada' AS name, 7 AS extra");
        await MergeAsync(Adding);
        Assert.Equal("ColumnAdded extra", await CausesAsync());
        await AskAllAsync(Adding);
        await JudgedAsync(Adding);

        await Lake.CdcAsync(Adding, "SELECT 'U' AS op, 200007 AS v, 1 AS id, 'ada' AS name, 7 AS extra");
        await MergeAsync(Adding);
        Assert.Equal("", await CausesAsync());
    }

    [Fact]
    public async Task A_column_that_some_files_of_a_batch_lack_is_one_that_was_added()
    {
        await ProvenWithExtraAsync();
        await Lake.CdcAsync(Adding, "SELECT 'U' AS op, 6 AS v, 1 AS id, 'ada' AS name");
        await Lake.CdcAsync(Adding, "SELECT 'U' AS op, 7 AS v, 1 AS id, 'ada' AS name, 7 AS extra");
        await MergeAsync(Adding);

        Assert.Equal("ColumnAdded extra", await CausesAsync());
        await AssertAnswerAsync(0, "SELECT cardinality(absent_columns) FROM cdc.tables WHERE target_name = 'people'");
    }

    [Fact]
    public async Task A_column_that_comes_to_the_source_while_its_writers_are_waited_for_is_not_overlooked()
    {
        await ProvenAsync(Adding);
        await new ResumeJob(Analytics.ConnectionString).RunAsync(
            People.TargetName, new Consent { ToTypes = true }, CancellationToken.None);
        await using var connection = await Database.OpenAsync(Source.ConnectionString, "source", CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("ALTER TABLE people ADD extra integer DEFAULT 7", CancellationToken.None);
        var asks = new ProofJob(Source.ConnectionString, Analytics.ConnectionString, intervalSeconds: 60, settleSeconds: 60)
            .AskAllAsync(Adding, new ProofRepair(), CancellationToken.None);
        while (await Source.ScalarAsync<long>("SELECT count(*) FROM cdcdms.marker") < 2 && !asks.IsCompleted)
            await Task.Yield();
        await transaction.CommitAsync();

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => asks);
        Assert.Equal(ErrorKind.Unprovable, fault.Kind);
        Assert.Contains("extra is on one side only", fault.Message, StringComparison.Ordinal);
        Assert.Equal("Resumed", await CausesAsync());
    }

    /// <summary>A table that is proven, with a column that came.</summary>
    private async Task ProvenWithExtraAsync()
    {
        await ProvenAsync(Adding);
        await ChangeAsync(Adding, 5, ", 7 AS extra");
        await Source.ExecuteAsync("ALTER TABLE people ADD extra integer DEFAULT 7");
        await AskAllAsync(Adding);
        await JudgedAsync(Adding);
        Assert.Equal("", await CausesAsync());
    }

    /// <summary>Merges a change of the first row by a definition.</summary>
    private async Task ChangeAsync(TableDefinition table, int version, string extra)
    {
        await Lake.CdcAsync(Adding, $"SELECT 'U' AS op, {version} AS v, 1 AS id, 'ada' AS name{extra}");
        await MergeAsync(table);
    }
}
