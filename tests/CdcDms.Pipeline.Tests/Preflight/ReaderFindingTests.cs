using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Preflight;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>What the connection lacks by which rows are read for proofs.</summary>
public sealed class ReaderFindingTests(TestServers servers)
{
    private static readonly TableDefinition Orders = new() { Schema = "public", Name = "or\"ders", Target = "analytics.orders" };

    private static readonly TableDefinition Timed = Orders with { Name = "timed", Ordering = ChangeOrdering.Timestamp };

    [Fact]
    public async Task What_the_role_lacks_is_told_with_its_cure_which_cures_it()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await MakeAsync(source);
        await source.ExecuteAsync("ALTER TABLE \"or\"\"ders\" ENABLE ROW LEVEL SECURITY; REVOKE USAGE ON SCHEMA public FROM PUBLIC");
        var role = await CheckedRole.CreateAsync(source);

        var found = await FindAsync(source, role.In(source));

        Assert.Equal(
            [("reader-rights", "public.\"or\"\"ders\""), ("reader-row-security", "public.\"or\"\"ders\""), ("reader-rights", null)],
            found.Select(finding => (finding.Check, finding.Table)));
        Assert.All(found, finding => Assert.Equal((FindingSeverity.Warns, false), (finding.Severity, finding.IsChoice)));

        await source.ExecuteAsync(string.Join("; ", found.SelectMany(finding => finding.Sql)));
        Assert.Empty(await FindAsync(source, role.In(source)));
        await source.ExecuteAsync($"DROP OWNED BY {role.Name}; DROP ROLE {role.Name}; GRANT USAGE ON SCHEMA public TO PUBLIC");
    }

    [Fact]
    public async Task Another_database_is_no_replica()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await using var other = await servers.CreateDatabaseAsync();
        await MakeAsync(source);

        var found = await FindAsync(source, other.ConnectionString);

        Assert.Equal(
            [
                "Rows for proofs are read from another database than the source, and no standby of it: nothing is proven as long as it "
                + "does not get cdcdms.settled together with the tables' changes.",
                "There is no public.\"or\"\"ders\" where rows are read for proofs.",
                "There is no cdcdms.settled where rows are read for proofs.",
            ],
            found.Select(finding => finding.Reason));
    }

    [Fact]
    public async Task The_source_s_own_connection_has_no_finding_of_a_reader()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await MakeAsync(source);

        Assert.Empty(await FindAsync(source, source.ConnectionString));
    }

    private static Task MakeAsync(TestDatabase source) => source.ExecuteAsync(
        $"CREATE TABLE \"or\"\"ders\" (id int PRIMARY KEY); CREATE TABLE timed (id int PRIMARY KEY); "
        + string.Join("; ", MarkerSchema.Statements));

    private static async Task<IReadOnlyList<Finding>> FindAsync(TestDatabase source, string reader)
    {
        var report = await new PreflightJob(source.ConnectionString, null, new PreflightSettings(), reader)
            .RunAsync(new TableList([Orders, Timed], []), TestContext.Current.CancellationToken);
        return [.. report.Findings.Where(finding => finding.Check.StartsWith("reader-", StringComparison.Ordinal))];
    }
}
