using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Status;
using CdcDms.Pipeline.Tests.Proofs;

namespace CdcDms.Pipeline.Tests.Status;

/// <summary>What is told of one table.</summary>
public sealed class TableDetailJobTests(TestServers servers) : ProofFixture(servers)
{
    private Task<TableDetail> DetailAsync() => new TableDetailJob(Analytics.ConnectionString).ReadAsync(
        People.TargetName, CancellationToken.None);

    [Fact]
    public async Task Rows_that_a_proof_finds_different_are_told_by_key_and_column_until_they_are_repaired()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'eve'), (3, 'cyd')");
        var marker = await AskAsync(People, repairs: false, 1, 2, 3);
        Assert.Null(Assert.Single((await DetailAsync()).Proofs).Outcome);
        await MarkersAsync(marker, 100, 200);
        await MergeAsync(People);

        var found = await DetailAsync();
        var counts = Assert.Single((await new ActivityJob(Analytics.ConnectionString).ReadAsync(CancellationToken.None)).Tables).Proofs;

        Assert.Equal(
            ["1 Changed name", "2 Extra ", "3 Missing "],
            found.Differences.Select(row => $"{row.Key["id"]} {row.Kind} {string.Join(',', row.Columns)}"));
        Assert.Equal((3, 3, 0), (found.Different, counts.Different, counts.NotJudged));
        Assert.Equal(found.Proofs[0].JudgedUtc, counts.JudgedUtc);

        await Proofs.AskDifferencesAsync(People, new ProofRepair(), CancellationToken.None);
        await MarkersAsync(3, 300, 400);
        await MergeAsync(People);
        var repaired = await DetailAsync();

        Assert.Empty(repaired.Differences);
        Assert.Equal(
            [(ProofOutcome.Different, 3L, 3), (ProofOutcome.Different, 3L, 0)],
            repaired.Proofs.Select(proof => (proof.Outcome!.Value, proof.Different, proof.Repaired)));
        counts = Assert.Single((await new ActivityJob(Analytics.ConnectionString).ReadAsync(CancellationToken.None)).Tables).Proofs;
        Assert.Equal(0, counts.Different);
    }

    [Fact]
    public async Task Columns_are_told_with_both_types_and_whether_the_newest_files_lack_them()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 2 AS v, 2 AS id");
        await MergeAsync(People);

        var columns = (await DetailAsync()).Columns;

        Assert.Equal(
            [("id", "integer", false), ("name", "text", true)], columns.Select(column => (column.Name, column.Type, column.IsAbsent)));
        Assert.All(columns, column => Assert.NotNull(column.FileType));
    }

    [Fact]
    public async Task A_table_that_was_never_merged_has_no_detail()
    {
        var fault = await Assert.ThrowsAsync<CdcDmsException>(DetailAsync);

        Assert.Equal("Nothing was ever merged into analytics.people; take a table that the ledger has.", fault.Message);
    }
}
