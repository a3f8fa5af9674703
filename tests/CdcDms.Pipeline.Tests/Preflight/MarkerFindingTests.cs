using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Preflight;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>Whether the tables of markers are those that the pipeline makes.</summary>
public sealed class MarkerFindingTests(TestServers servers)
{
    [Theory]
    [InlineData("SELECT 1", "")]
    [InlineData("ALTER TABLE cdcdms.marker ADD note text", "")]
    [InlineData("DROP TABLE cdcdms.settled", "The source lacks cdcdms.marker or cdcdms.settled")]
    [InlineData("ALTER TABLE cdcdms.marker DROP id", "marker has no column id of the type uuid")]
    [InlineData("ALTER TABLE cdcdms.marker ALTER number TYPE int", "marker has no column number of the type bigint")]
    [InlineData("ALTER TABLE cdcdms.marker ALTER written_at DROP DEFAULT", "column written_at of marker needs a value")]
    [InlineData("ALTER TABLE cdcdms.settled ADD note text NOT NULL", "column note of settled needs a value")]
    [InlineData("ALTER TABLE cdcdms.marker DROP CONSTRAINT marker_pkey", "number is not the primary key of marker")]
    [InlineData("ALTER TABLE cdcdms.marker SET UNLOGGED", "marker is no permanent table")]
    [InlineData("ALTER TABLE cdcdms.marker RENAME TO old; CREATE VIEW cdcdms.marker AS TABLE cdcdms.old", "marker is no permanent table")]
    public async Task A_table_of_another_shape_is_told_with_what_is_wrong(string change, string told)
    {
        await using var source = await servers.CreateDatabaseAsync();
        await source.ExecuteAsync(string.Join("; ", MarkerSchema.Statements));
        await source.ExecuteAsync(change);

        var report = await new PreflightJob(source.ConnectionString, null, new PreflightSettings())
            .RunAsync(new TableList([], []), TestContext.Current.CancellationToken);

        var found = report.Findings.SingleOrDefault(finding => finding.Check == "marker-table");
        Assert.Equal(told.Length == 0, found is null);
        Assert.Contains(told, found?.Reason ?? "", StringComparison.Ordinal);
    }
}
